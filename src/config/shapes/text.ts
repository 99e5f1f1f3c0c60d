import { noteText } from "#notation/yaml/fill.ts";
import { readFilled } from "#notation/yaml/scalars.ts";
import { reportType } from "#notation/yaml/wrong-type.ts";
import { fillable } from "./fillable.ts";
import type { JsonSchema, Shape } from "./shape.ts";

export type Parsed<T> =
  | { readonly value: T }
  | {
      readonly problem: string;
      readonly fix?: string;
      /** What was written holds credentials: neither the problem nor an excerpt of the file shows it. */
      readonly secret?: true;
    };

/** A string that is parsed. `expected` names it in messages; `schema` narrows `type: string`. */
export function text<T>(expected: string, parse: (text: string) => Parsed<T>, schema: JsonSchema = {}): Shape<T> {
  const described = { type: "string", ...schema };
  return {
    schema: Object.keys(schema).length === 0 ? described : fillable(described),
    read: (reading, slot) => {
      const filled = readFilled(reading, slot, expected);
      if (filled === undefined) return undefined;
      if (typeof filled.value !== "string" && !filled.filled) {
        return reportType(reading, slot, expected, `put it in quotes: ${JSON.stringify(filled.text.slice(0, 80))}`);
      }
      noteText(reading, slot.at);
      const parsed = parse(filled.text);
      if ("value" in parsed) return parsed.value;
      const code = parsed.secret === true ? "secret-plain" : "value-invalid";
      reading.problems.error(code, slot.at, parsed.problem, parsed.fix);
      return undefined;
    },
  };
}

const maxLength = 4096;

/** Any text that is not empty. */
export const anyText: Shape<string> = text("a string", (value) => {
  if (value === "") return { problem: "nothing is written here; a string is due" };
  return value.length > maxLength ? { problem: `a string is at most ${maxLength} characters long` } : { value };
});
