import type { Scope, Section } from "#model/policy-tree.ts";

/** Where a sequence of policies stands, in whichever notation. */
export interface Place {
  /** Null: not known, as in a fragment that nothing includes yet. */
  readonly section: Section | null;
  /** Null: not known, as in a document by itself. */
  readonly scope: Scope | null;
  /** The policy it is an argument of; null for the section itself. */
  readonly inside: string | null;
  /** The only names allowed, when that is limited. */
  readonly only: readonly string[] | null;
  /** Names met in this section so far. */
  readonly seen: Set<string>;
  /** How many policies deep. */
  readonly depth: number;
}

/** Nobody nests policies this deep on purpose. */
export const maxPolicyDepth = 16;

/** Of the policies inside a policy. What stands in one branch does not stand in another. */
export function placeInside<P extends Place>(place: P, policy: string, only: readonly string[] | undefined): P {
  return { ...place, inside: policy, only: only ?? null, depth: place.depth + 1, seen: new Set(place.seen) };
}
