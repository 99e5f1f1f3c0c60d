import { isScalar } from "yaml";
import type { ObjectShape } from "./object.ts";
import type { Shape } from "./shape.ts";

/** A map, or the value of its one setting that matters: `files: ./public` for `files: { root: ./public }`. */
export function short<T, K extends keyof T & string>(
  whole: ObjectShape<T>,
  key: K,
  alone: Shape<Exclude<T[K], undefined>>,
): Shape<T> {
  return {
    schema: { anyOf: [alone.schema, whole.schema] },
    read: (reading, slot) => {
      if (!isScalar(slot.node) || slot.node.value === null) return whole.read(reading, slot);
      const value = alone.read(reading, slot);
      return value === undefined ? undefined : { ...whole.empty, [key]: value };
    },
  };
}
