import { isMap, isScalar, isSeq, type Pair } from "yaml";
import type { Slot, SlotEntry } from "./slot.ts";
import type { Reading } from "./reading.ts";
import { reportType } from "./wrong-type.ts";

/**
 * The entries of a map, in order, each key once: of a key that is written twice the first one counts (the second
 * one is reported when the text is parsed). Undefined, and reported, when it is something else.
 */
export function readEntries(
  reading: Reading,
  slot: Slot,
  expected: string,
  fix?: string,
): readonly SlotEntry[] | undefined {
  if (!isMap(slot.node)) return reportType(reading, slot, expected, fix);
  const entries = new Map<string, SlotEntry>();
  for (const pair of slot.node.items) {
    const entry = readEntry(reading, slot, pair);
    if (entry !== undefined && !entries.has(entry.key)) entries.set(entry.key, entry);
  }
  return [...entries.values()];
}

/** The items of a sequence; a single value stands for a sequence of one. */
export function readItems(reading: Reading, slot: Slot): readonly Slot[] {
  if (!isSeq(slot.node)) return [slot];
  return slot.node.items.map((item) => reading.file.slot(item, slot.node?.range?.[0] ?? 0, reading.problems));
}

function readEntry(reading: Reading, map: Slot, pair: Pair): SlotEntry | undefined {
  const offset = map.node?.range?.[0] ?? 0;
  const key = reading.file.slot(pair.key, offset, reading.problems);
  if (!isScalar(key.node)) return reportType(reading, key, "a name");
  const { value, source, range } = key.node;
  const name = typeof value === "string" ? value : (source ?? String(value));
  return { key: name, at: key.at, slot: reading.file.slot(pair.value, range?.[1] ?? offset, reading.problems) };
}
