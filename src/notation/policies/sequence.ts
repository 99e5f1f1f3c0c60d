import { isMap, isScalar, isSeq } from "yaml";
import type { PolicyNode } from "#model/policy-tree.ts";
import { readEntries, readItems } from "#notation/yaml/collections.ts";
import type { Slot, SlotEntry } from "#notation/yaml/slot.ts";
import { reportType } from "#notation/yaml/wrong-type.ts";
import { readBase } from "./base.ts";
import { withFragments } from "./fragments.ts";
import { maxPolicyDepth } from "./place.ts";
import { readPolicy } from "./policy.ts";
import type { PolicyPlace, PolicyReading } from "./policy-reading.ts";

/** Reads a sequence of policies. */
export function readSequence(reading: PolicyReading, slot: Slot, place: PolicyPlace): readonly PolicyNode[] {
  if (!isSeq(slot.node)) {
    reportType(reading, slot, "a list of policies", "begin each policy with a dash");
    return [];
  }
  // An alias can lead to the policy it stands in.
  if (place.depth > maxPolicyDepth) {
    reading.problems.error("policy-misplaced", slot.at, `policies are nested more than ${maxPolicyDepth} deep`);
    return [];
  }
  const nodes = readItems(reading, slot).flatMap((item) =>
    withFragments(reading, readItem(reading, item, place), place),
  );
  return nodes.filter((node) => node !== undefined);
}

function readItem(reading: PolicyReading, slot: Slot, place: PolicyPlace): PolicyNode | undefined {
  if (isScalar(slot.node) && typeof slot.node.value === "string") {
    const entry = { key: slot.node.value, at: slot.at, slot: { node: null, at: slot.at } };
    return entry.key === "base" ? readBase(reading, entry, place) : readPolicy(reading, entry, undefined, place);
  }
  if (!isMap(slot.node)) return reportType(reading, slot, "a policy", "write - name: { … }");
  const entries = readEntries(reading, slot, "a policy") ?? [];
  const [policy, ...more] = entries.filter(({ key }) => key !== "id");
  if (policy === undefined || more.length > 0) return reportNames(reading, slot, more);
  if (policy.key === "base") return readBase(reading, policy, place);
  return readPolicy(reading, policy, entries.find(({ key }) => key === "id")?.slot, place);
}

function reportNames(reading: PolicyReading, slot: Slot, more: readonly SlotEntry[]): undefined {
  const [second] = more;
  reading.problems.error(
    "type-wrong",
    second?.at ?? slot.at,
    second === undefined ? "an entry without a policy" : `${second.key} stands in the entry of another policy`,
    "begin each policy with a dash of its own; its arguments are indented below its name",
  );
}
