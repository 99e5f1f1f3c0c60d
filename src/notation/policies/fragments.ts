import type { SourcePosition } from "#model/diagnostic.ts";
import type { PolicyNode } from "#model/policy-tree.ts";
import { suggestion } from "#notation/nearest.ts";
import type { Problems } from "#notation/problems.ts";
import type { Place } from "./place.ts";
import type { Fragments } from "./policy-reading.ts";

interface FragmentReading {
  readonly problems: Problems;
  readonly fragments: Fragments;
}

/** The policy, or those of the fragment that it includes: in the tree fragments are gone. */
export function withFragments(
  reading: FragmentReading,
  node: PolicyNode | undefined,
  place: Place,
): readonly PolicyNode[] {
  if (node?.name !== "include-fragment") return node === undefined ? [] : [node];
  const { fragmentId } = node.args;
  if (fragmentId?.kind !== "literal") return [];
  const name = String(fragmentId.value);
  return reading.fragments.read(name, place, node.at) ?? unknownFragment(reading, name, node.at);
}

function unknownFragment({ problems, fragments }: FragmentReading, name: string, at: SourcePosition): readonly [] {
  const fix = suggestion(name, fragments.names, (one) => one) ?? `define ${name} under fragments`;
  problems.error("reference-unknown", at, `there is no fragment ${name}`, fix);
  return [];
}
