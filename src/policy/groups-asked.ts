import type { Exchange } from "#model/exchange.ts";
import type { Expression } from "#model/policy-tree.ts";
import { groupNames } from "#notation/cel/group-names.ts";

/** Groups that a condition asks for by name; null: none, which costs nothing to note. */
export function groupsIn({ language, source }: Pick<Expression, "language" | "source">): readonly string[] | null {
  const names = language === "cel" ? groupNames(source) : [];
  return names.length === 0 ? null : names;
}

/** For the record, where a rule has decided. */
export function noteGroups(exchange: Exchange, asked: readonly string[] | null): void {
  if (asked === null || exchange.groupsAsked === asked) return;
  exchange.groupsAsked = exchange.groupsAsked === null ? asked : [...exchange.groupsAsked, ...asked];
}
