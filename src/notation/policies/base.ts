import { isMap } from "yaml";
import type { PolicyNode } from "#model/policy-tree.ts";
import type { SlotEntry } from "#notation/yaml/slot.ts";
import type { PolicyPlace, PolicyReading } from "./policy-reading.ts";

/** `base` is where the next broader scope's section runs. */
export function readBase({ problems }: PolicyReading, { at, slot }: SlotEntry, place: PolicyPlace): PolicyNode {
  if (place.inside !== null) {
    problems.error("base-misplaced", at, `base cannot stand inside ${place.inside}`, "move it to the section itself");
  } else if (place.seen.has("base")) {
    problems.error("base-misplaced", at, `base stands twice in ${place.section}`, "keep one of them");
  } else if (place.scope === "global") {
    problems.warn("base-useless", at, "nothing is broader than the global scope, so base runs nothing", "leave it out");
  }
  if (isMap(slot.node) && slot.node.items.length > 0) {
    problems.error("key-unknown", slot.at, "base takes no arguments", "write - base");
  }
  place.seen.add("base");
  return { name: "base", at, args: {} };
}
