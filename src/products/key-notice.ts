import type { KeySlot } from "#storage/interfaces.ts";
import type { HeldKey } from "#storage/key-store.ts";
import { keyId } from "./keys.ts";

/**
 * `due`: a new key has to come, soon or by now. `rotated`: it has come. `retired`: by the schedule a key goes on only
 * until its end, as there is a younger one. `ending`: an old key ends soon, and is still used. `ended`: it is refused.
 */
export type KeyStep = "due" | "rotated" | "retired" | "ending" | "ended";

/** What has become of a key, for the record and for whoever is told. Times are milliseconds since the epoch. */
export interface KeyNotice {
  readonly step: KeyStep;
  readonly at: number;
  readonly subscription: string;
  readonly scope: string;
  readonly owner: string | null;
  readonly slot: KeySlot;
  /** It is changed in the definition, and not by its owner. */
  readonly isDeclared?: true;
  /** Id of the key; of `rotated` the new one's. */
  readonly key: string;
  /** Id of the one that was in its place. */
  readonly before?: string | undefined;
  /** When it is due, or was. */
  readonly dueAt?: number | undefined;
  /** When the old one ends; absent of `rotated`: it has ended. */
  readonly until?: number | undefined;
  readonly usedAt?: number | undefined;
  /** Of what ended: `grace` is over, `asked`, or `emergency`. */
  readonly why?: "grace" | "asked" | "emergency" | undefined;
}

export function noticeOf(
  step: KeyStep,
  { subscription, scope, source, owner, slot, digest, usedAt }: HeldKey,
  at: number,
  more: Pick<KeyNotice, "before" | "dueAt" | "until" | "why"> = {},
): KeyNotice {
  const facts = { subscription, scope, owner, slot, key: keyId(digest) };
  const declared = source === "declared" ? ({ isDeclared: true } as const) : {};
  return { step, at, ...facts, ...declared, usedAt: usedAt ?? undefined, ...more };
}
