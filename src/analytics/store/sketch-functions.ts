import type { DatabaseSync, SQLInputValue } from "node:sqlite";
import { Sketch } from "#analytics/sketch.ts";
import { addSketchBytes, readSketch, sketchBytes } from "#analytics/sketch-bytes.ts";

/** `sketch_add(a, b)`, and the aggregate `sketch_sum(a)`: sketches add up where the rows are. */
export function addSketchFunctions(database: DatabaseSync): void {
  database.function("sketch_add", { deterministic: true }, (one, another) => {
    const sum = readSketch(one as Uint8Array);
    addSketchBytes(sum, another as Uint8Array);
    return sketchBytes(sum);
  });
  database.aggregate("sketch_sum", {
    // The accumulator never leaves this thread, whatever the type of the interface says.
    start: () => new Sketch() as unknown as SQLInputValue,
    step: (sum, bytes) => {
      addSketchBytes(sum as unknown as Sketch, bytes as Uint8Array);
      return sum;
    },
    result: (sum) => sketchBytes(sum as unknown as Sketch),
  });
}
