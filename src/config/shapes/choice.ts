import { suggestion } from "#notation/nearest.ts";
import { noteText } from "#notation/yaml/fill.ts";
import { readFilled } from "#notation/yaml/scalars.ts";
import { reportType } from "#notation/yaml/wrong-type.ts";
import { fillable } from "./fillable.ts";
import type { Shape } from "./shape.ts";

/** `true` or `false`. */
export const flag: Shape<boolean> = {
  schema: fillable({ type: "boolean" }),
  read: (reading, slot) => {
    const filled = readFilled(reading, slot, "true or false");
    if (filled === undefined || typeof filled.value === "boolean") return filled?.value as boolean | undefined;
    return reportType(reading, slot, "true or false");
  },
};

/** One of a few words. */
export function choice<T extends string>(options: readonly T[]): Shape<T> {
  const expected = `one of ${options.join(", ")}`;
  return {
    schema: fillable({ enum: options }),
    read: (reading, slot) => {
      const filled = readFilled(reading, slot, expected);
      if (filled === undefined) return undefined;
      noteText(reading, slot.at);
      const found = options.find((option) => option === filled.text);
      if (found !== undefined) return found;
      const shown = JSON.stringify(filled.text.slice(0, 40));
      const fix = suggestion(filled.text, options, (option) => option);
      reading.problems.error("value-invalid", slot.at, `${shown} is not ${expected}`, fix);
      return undefined;
    },
  };
}

/** The one number that may stand here. */
export function constant(only: number): Shape<number> {
  return {
    schema: { const: only },
    read: (reading, slot) => {
      const filled = readFilled(reading, slot, String(only));
      if (filled === undefined || filled.value === only) return filled?.value as number | undefined;
      const shown = typeof filled.value === "string" ? JSON.stringify(filled.value.slice(0, 40)) : filled.text;
      reading.problems.error("value-invalid", slot.at, `${shown} is not the number ${only}`, `write ${only}`);
      return undefined;
    },
  };
}
