import { type PolicyDocument, type PolicyNode, type Scope, type Section, sections } from "#model/policy-tree.ts";
import { suggestion } from "./nearest.ts";
import { readArgument } from "./policies/argument.ts";
import type { Descent, PolicyReading } from "./policies/policy-reading.ts";
import type { Place } from "./policies/place.ts";
import { readSequence } from "./policies/sequence.ts";
import { readEntries } from "./yaml/collections.ts";
import { scalarText } from "./yaml/child.ts";
import type { Slot } from "./yaml/slot.ts";

const descent: Descent = { readSequence, readArgument };

/**
 * Reads the `policies` of one scope: a map from sections to sequences of policies, checked by the catalogue; or the
 * name of a file with them in XML.
 * Problems are reported; what could be read is returned.
 */
export function readPolicies(reading: PolicyReading, slot: Slot, scope: Scope): PolicyDocument {
  const file = scalarText(slot);
  if (file !== undefined) return reading.readPolicyFile(file, scope);
  const document: Partial<Record<Section, readonly PolicyNode[]>> = {};
  const fix = "write inbound: above the policies and indent them below it";
  for (const entry of readEntries(reading, slot, "a map from sections to lists of policies", fix) ?? []) {
    const section = sections.find((name) => name === entry.key);
    if (section === undefined) {
      const right = suggestion(entry.key, sections, (name) => `${name}:`);
      reading.problems.error("key-unknown", entry.at, `there is no section ${entry.key}`, right);
      continue;
    }
    const place = { descent, section, scope, inside: null, only: null, seen: new Set<string>(), depth: 0 };
    document[section] = readSequence(reading, entry.slot, place);
  }
  return document;
}

/** Reads a fragment: a sequence of policies, as part of the sequence that includes it. */
export function readYamlFragment(reading: PolicyReading, slot: Slot, place: Place): readonly PolicyNode[] {
  const nodes = readSequence(reading, slot, { ...place, descent });
  const base = nodes.find(({ name }) => name === "base");
  if (base === undefined) return nodes;
  const fix = "move it to the section that includes it";
  reading.problems.error("fragment-nested", base.at, "base cannot stand in a fragment", fix);
  return [];
}
