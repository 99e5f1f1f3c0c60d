import type { ProviderWord, UserRecord, UserState } from "./interfaces.ts";

type Blocks = Pick<UserRecord, "state" | "withdrawnBy">;

/** Stands for an operator among the names of providers: none is called so. */
const operator = "";

/**
 * The state after an operator's word. A block goes before those of providers and hides none of them: lifting it leaves
 * theirs in force. Where there are only theirs, the operator overrules them.
 */
export function byOperator(before: Blocks, state: UserState): Blocks {
  const others = wordsOf(before).filter((word) => word !== operator);
  if (state !== "active") return blockedBy([operator, ...others], state);
  return wordsOf(before).includes(operator) ? blockedBy(others, "blocked") : { state };
}

/**
 * The state after a provider's word. `active` is in most of what providers send, whatever it is about: it takes back what
 * the same provider has done, and never a block of an operator or of another provider.
 */
export function byProvider(before: Blocks, { provider, isActive }: ProviderWord): Blocks {
  const others = wordsOf(before).filter((word) => word !== provider);
  const words = isActive ? others : [...others, provider];
  return blockedBy(words, before.state === "active" ? "blocked" : before.state);
}

function wordsOf({ state, withdrawnBy = [] }: Blocks): readonly string[] {
  if (state === "active") return [];
  return withdrawnBy.length === 0 ? [operator] : withdrawnBy;
}

/** @param state of whoever an operator keeps out: `pending` is another one than `blocked` */
function blockedBy(words: readonly string[], state: UserState): Blocks {
  if (words.length === 0) return { state: "active" };
  if (!words.includes(operator)) return { state: "blocked", withdrawnBy: words };
  return words.length === 1 ? { state } : { state, withdrawnBy: words };
}
