import { isMap, isScalar, isSeq } from "yaml";
import type { Reading } from "#notation/yaml/reading.ts";
import type { Slot } from "#notation/yaml/slot.ts";
import { childAt, keyOf, type Step } from "./put-node.ts";

/** More is no policy of anybody: an alias leads back to where it stands. */
const deepest = 64;

/**
 * Where policies of a name stand at or below a place: paths to the value beside the name. Policies within policies are
 * among them.
 */
export function findPolicies(
  reading: Reading,
  slot: Slot,
  path: readonly Step[],
  name: string,
  id: string | undefined,
): readonly (readonly Step[])[] {
  const { node } = slot;
  if (path.length > deepest) return [];
  const below = (step: Step): readonly (readonly Step[])[] =>
    findPolicies(reading, childAt(reading, slot, step), [...path, step], name, id);
  if (isMap(node)) {
    const found = typeof path.at(-1) === "number" && isOne(reading, slot, name, id) ? [[...path, name]] : [];
    return [...found, ...node.items.flatMap((pair) => below(keyOf(pair)))];
  }
  return isSeq(node) ? node.items.flatMap((_, at) => below(at)) : [];
}

/** Policies are items of a list: `- name: { … }`, with an id beside it. */
function isOne(reading: Reading, slot: Slot, name: string, id: string | undefined): boolean {
  if (!isMap(slot.node) || !slot.node.items.some((pair) => keyOf(pair) === name)) return false;
  const { node } = childAt(reading, slot, "id");
  return id === undefined || (isScalar(node) && String(node.value) === id);
}
