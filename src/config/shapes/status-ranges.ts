import type { StatusRange } from "#model/retries.ts";
import { readFilled } from "#notation/yaml/scalars.ts";
import { fillable } from "./fillable.ts";
import type { Shape } from "./shape.ts";

const pattern = /^(?:([1-5])xx|([1-5]\d\d)(?:-([1-5]\d\d))?)$/i;
const expected = "a status such as 503, 5xx or 500-504";

/** `503`, `5xx` or `500-504`. */
export function parseStatusRange(text: string): StatusRange | undefined {
  const [, hundred, from, to] = pattern.exec(text) ?? [];
  if (hundred !== undefined) return { from: Number(hundred) * 100, to: Number(hundred) * 100 + 99 };
  if (from === undefined) return undefined;
  const range = { from: Number(from), to: Number(to ?? from) };
  return range.from <= range.to ? range : undefined;
}

export const statusRange: Shape<StatusRange> = {
  schema: fillable(
    { type: "integer", minimum: 100, maximum: 599 },
    { type: "string", pattern: "^([1-5][xX]{2}|[1-5][0-9]{2}(-[1-5][0-9]{2})?)$" },
  ),
  show: ({ from, to }) => {
    if (from === to) return from;
    return from % 100 === 0 && to === from + 99 ? `${from / 100}xx` : `${from}-${to}`;
  },
  read: (reading, slot) => {
    const filled = readFilled(reading, slot, expected);
    if (filled === undefined) return undefined;
    const range = parseStatusRange(filled.text);
    if (range === undefined) {
      const shown = JSON.stringify(filled.text.slice(0, 40));
      reading.problems.error("value-invalid", slot.at, `${shown} is not ${expected}`, "write 503, 5xx or 500-504");
    }
    return range;
  },
};
