import type { JsonSchema } from "./shape.ts";

export const placeholderReference: JsonSchema = { $ref: "#/$defs/placeholder" };

/** Schema of a setting that may be written as `{{name}}` instead. */
export function fillable(...schemas: readonly JsonSchema[]): JsonSchema {
  return { anyOf: [...schemas, placeholderReference] };
}
