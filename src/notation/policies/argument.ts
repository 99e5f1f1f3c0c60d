import type { Argument } from "#model/policy-tree.ts";
import type { ArgumentSpec } from "#notation/catalogue/spec.ts";
import { readEntries, readItems } from "#notation/yaml/collections.ts";
import type { Slot } from "#notation/yaml/slot.ts";
import { readNamed } from "./arguments.ts";
import { readCondition } from "./condition.ts";
import { placeInside } from "./place.ts";
import type { PolicyPlace, PolicyReading } from "./policy-reading.ts";
import { readValue } from "./value.ts";

/** Reads one argument as its spec says. `owner` names it in messages: `rate-limit-by-key.calls`. */
export function readArgument(
  reading: PolicyReading,
  spec: ArgumentSpec,
  slot: Slot,
  place: PolicyPlace,
  owner: string,
): Argument | undefined {
  switch (spec.type) {
    case "list":
      return readList(reading, spec, slot, place, owner);
    case "map":
      return readMap(reading, spec, slot, place, owner);
    case "policies": {
      const inside = owner.split(".")[0] ?? owner;
      const inner = placeInside(place, inside, spec.only);
      return { kind: "policies", policies: place.descent.readSequence(reading, slot, inner) };
    }
    case "condition":
      return readCondition(reading, slot);
    default:
      return readValue(reading, spec, slot, owner);
  }
}

function readList(reading: PolicyReading, spec: ArgumentSpec, slot: Slot, place: PolicyPlace, owner: string): Argument {
  const itemSpec = spec.items ?? anything;
  const items = readItems(reading, slot).map((item) => readArgument(reading, itemSpec, item, place, owner));
  const found = items.filter((item) => item !== undefined);
  if (items.length < (spec.min ?? 0) || items.length > (spec.max ?? Infinity)) {
    const bounds = spec.max === undefined ? `at least ${spec.min}` : `${spec.min ?? 0} to ${spec.max}`;
    reading.problems.error("value-invalid", slot.at, `${owner} takes ${bounds} items, here are ${items.length}`);
  }
  return { kind: "list", items: found };
}

function readMap(
  reading: PolicyReading,
  spec: ArgumentSpec,
  slot: Slot,
  place: PolicyPlace,
  owner: string,
): Argument | undefined {
  const entries = readEntries(reading, slot, `a map for ${owner}`);
  if (entries === undefined) return undefined;
  if (spec.additional === undefined) {
    const named = readNamed(reading, owner, spec.entries ?? {}, entries, slot.at, place);
    return { kind: "map", entries: Object.fromEntries(named) };
  }
  const known = spec.entries ?? {};
  const free = entries.filter(({ key }) => !Object.hasOwn(known, key));
  const fixed = readNamed(
    reading,
    owner,
    known,
    entries.filter((entry) => !free.includes(entry)),
    slot.at,
    place,
  );
  const { additional } = spec;
  const read = free.map(
    ({ key, slot: inner }) => [key, readArgument(reading, additional, inner, place, `${owner}.${key}`)] as const,
  );
  return { kind: "map", entries: Object.fromEntries([...fixed, ...read.filter(isRead)]) };
}

function isRead(entry: readonly [string, Argument | undefined]): entry is readonly [string, Argument] {
  return entry[1] !== undefined;
}

const anything: ArgumentSpec = { type: "any", summary: "any scalar" };
