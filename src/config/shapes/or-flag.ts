import { isScalar } from "yaml";
import { flag } from "./choice.ts";
import type { ObjectShape } from "./object.ts";
import type { Shape } from "./shape.ts";

/** `true` for a map in which nothing is written, `false` for none, or the map. */
export function orFlag<T>(map: ObjectShape<T>): Shape<T | "off"> {
  return {
    schema: { anyOf: [flag.schema, map.schema] },
    read: (reading, slot) => {
      if (!isScalar(slot.node) || slot.node.value === null) return map.read(reading, slot);
      const on = flag.read(reading, slot);
      if (on === undefined) return undefined;
      return on ? map.empty : "off";
    },
  };
}
