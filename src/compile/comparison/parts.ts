import { countsIn, isSecretMark } from "#compile/canonical.ts";
import { Secret } from "#model/secret.ts";

type Members = Readonly<Record<string, unknown>>;

/**
 * Parts of a node by key, for descending; undefined for what is told as a whole: scalars, secrets, values of policies,
 * lists of scalars. Items of a list go by their name, so that one more in front of them changes nothing of the others.
 */
export function partsOf(node: unknown): ReadonlyMap<string, unknown> | undefined {
  if (Array.isArray(node)) return itemsOf(node);
  if (typeof node !== "object" || node === null || node instanceof Secret) return undefined;
  const members = node as Members;
  const kind = members["kind"];
  if (kind === "map" && "entries" in members) return partsOf(members["entries"]);
  if (kind === "policies" && "policies" in members) return partsOf(members["policies"]);
  if (kind === "list" && "items" in members) return partsOf(members["items"]);
  if (isValue(members) || "language" in members) return undefined;
  // Of one that keeps its id, the policy itself may be another.
  if (isPolicy(members)) return new Map([["policy", members["name"]], ...(partsOf(members["args"]) ?? [])]);
  const isHidden = (key: string): boolean => isSecretMark(members) && (key === "value" || key === "source");
  return new Map(Object.entries(members).filter(([key, member]) => countsIn(key, member) && !isHidden(key)));
}

function itemsOf(items: readonly unknown[]): ReadonlyMap<string, unknown> | undefined {
  if (items.some((item) => typeof item !== "object" || item === null)) return undefined;
  if (items.length > 0 && items.every((item) => isValue(item as Members))) return undefined;
  const named = new Map<string, unknown>();
  const counts = new Map<string, number>();
  for (const [at, item] of items.entries()) {
    const name = nameOf(item as Members) ?? String(at);
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    named.set(count === 1 ? name : `${name}#${count}`, item);
  }
  return named;
}

function nameOf({ id, name }: Members): string | undefined {
  if (typeof id === "string") return id;
  return typeof name === "string" ? name : undefined;
}

function isValue({ kind }: Members): boolean {
  return kind === "literal" || kind === "template" || kind === "expression";
}

function isPolicy(members: Members): boolean {
  return "args" in members && "name" in members && typeof members["args"] === "object";
}
