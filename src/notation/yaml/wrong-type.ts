import { isMap, isScalar, isSeq, type Node } from "yaml";
import type { Reading } from "./reading.ts";
import type { Slot } from "./slot.ts";

/** Reports that something else is due here. The value is not shown: it may be a secret in the wrong place. */
export function reportType(reading: Reading, slot: Slot, expected: string, fix?: string): undefined {
  if (isNothing(slot.node)) {
    reading.problems.error("type-wrong", slot.at, `nothing is written here; ${expected} is due`, fix);
  } else {
    const help = isBareValue(slot.node) ? 'put it in quotes: "{{name}}"' : fix;
    reading.problems.error("type-wrong", slot.at, `${kindOf(slot.node)} stands here; ${expected} is due`, help);
  }
  return undefined;
}

function isNothing(node: Node | null): boolean {
  return node === null || (isScalar(node) && node.value === null);
}

/** To YAML an unquoted `{{name}}` is a map with a map as its key. */
function isBareValue(node: Node | null): boolean {
  return isMap(node) && node.flow === true && isMap(node.items[0]?.key);
}

function kindOf(node: Node | null): string {
  if (isMap(node)) return "a map";
  if (isSeq(node)) return "a list";
  if (!isScalar(node)) return "something else";
  if (typeof node.value === "number") return "a number";
  return typeof node.value === "boolean" ? "true or false" : "a string";
}
