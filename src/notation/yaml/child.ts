import { isMap, isScalar } from "yaml";
import type { Reading } from "./reading.ts";
import type { Slot } from "./slot.ts";

/** The value of one key of a map; undefined when there is none, or no map. */
export function child({ file, problems }: Reading, { node }: Slot, key: string): Slot | undefined {
  if (!isMap(node)) return undefined;
  const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === key);
  return pair === undefined ? undefined : file.slot(pair.value, node.range?.[0] ?? 0, problems);
}

/** The text of a scalar; undefined for everything else. */
export function scalarText(slot: Slot | undefined): string | undefined {
  const node = slot?.node;
  if (!isScalar(node) || node.value === null) return undefined;
  return typeof node.value === "string" ? node.value : (node.source ?? String(node.value));
}
