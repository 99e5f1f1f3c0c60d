import { isMap } from "yaml";
import type { Shape } from "./shape.ts";

/** A map, or a short form of it: a single word or text that stands for a map with only that. */
export function mapOr<T, S>(map: Shape<T>, short: Shape<S>, asMap: (value: S) => T): Shape<T> {
  return {
    schema: { anyOf: [short.schema, map.schema] },
    read: (reading, slot) => {
      if (isMap(slot.node)) return map.read(reading, slot);
      const value = short.read(reading, slot);
      return value === undefined ? undefined : asMap(value);
    },
  };
}
