import { isSeq } from "yaml";
import { readItems } from "#notation/yaml/collections.ts";
import { reportType } from "#notation/yaml/wrong-type.ts";
import type { Shape } from "./shape.ts";

/** A list. Items that cannot be read are reported and left out. */
export function list<T>(items: Shape<T>, minimum: number = 0): Shape<readonly T[]> {
  const { show } = items;
  return {
    ...(show === undefined ? {} : { show: (values: readonly T[]): unknown => values.map(show) }),
    schema: { type: "array", items: items.schema, ...(minimum === 0 ? {} : { minItems: minimum }) },
    read: (reading, slot) => {
      if (!isSeq(slot.node)) return reportType(reading, slot, "a list", "write [ … ]");
      const slots = readItems(reading, slot);
      if (slots.length < minimum)
        reading.problems.error("value-invalid", slot.at, "the list is empty", "name at least one");
      return slots.map((item) => items.read(reading, item)).filter((item) => item !== undefined);
    },
  };
}

/** A list, or its only item without the brackets. */
export function oneOrMore<T>(items: Shape<T>, least: 0 | 1 = 1): Shape<readonly T[]> {
  const several = list(items, least);
  return {
    schema: { anyOf: [items.schema, several.schema] },
    read: (reading, slot) => {
      if (isSeq(slot.node)) return several.read(reading, slot);
      const single = items.read(reading, slot);
      return single === undefined ? undefined : [single];
    },
  };
}
