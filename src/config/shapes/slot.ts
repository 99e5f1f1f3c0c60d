import type { Slot } from "#notation/yaml/slot.ts";
import { reportType } from "#notation/yaml/wrong-type.ts";
import type { JsonSchema, Shape } from "./shape.ts";

/** A place whose content is read later, somewhere else. Something has to be there. */
export function slotOf(schema: JsonSchema): Shape<Slot> {
  return {
    schema,
    read: (reading, slot) => (slot.node === null ? reportType(reading, slot, "a value") : slot),
  };
}
