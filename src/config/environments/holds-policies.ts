import type { ArgumentSpec } from "#notation/catalogue/spec.ts";

/** Policies stand in an argument of this kind, at any depth. */
export function holdsPolicies({ type, items, entries, additional }: ArgumentSpec): boolean {
  if (type === "policies") return true;
  const inner = [items, additional, ...Object.values(entries ?? {})];
  return inner.some((one) => one !== undefined && holdsPolicies(one));
}
