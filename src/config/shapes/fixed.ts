import type { Shape } from "./shape.ts";

/** A setting that is the same in every environment: no `{{value}}` may stand in it. */
export function fixed<T>(what: string, shape: Shape<T>): Shape<T> {
  return { ...shape, read: (reading, slot) => shape.read({ ...reading, fixed: what }, slot) };
}
