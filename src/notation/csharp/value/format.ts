import { badFormat } from "./net-exception.ts";
import { formatNumber } from "./format-number.ts";
import { Decimal } from "./decimal.ts";
import { Double, Single, Small, ULong } from "./numbers.ts";
import { toText } from "./to-text.ts";

/** IFormattable.ToString(format); other values give their text. The culture is always the invariant one. */
export function formatValue(value: unknown, format: string): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "number" || typeof value === "bigint")
    return formatNumber(value, format, typeof value === "number" ? 32 : 64);
  if (value instanceof Small) return formatNumber(value.value, format, widths[value.netType] ?? 32);
  if (value instanceof ULong) return formatNumber(value.value, format, 64);
  if (value instanceof Double || value instanceof Single) return formatNumber(value.value, format, 0, value);
  if (value instanceof Decimal) return formatNumber(value, format, 0);
  if (typeof value === "object" && "format" in value && typeof value.format === "function") {
    return (value as { format(format: string): string }).format(format);
  }
  return toText(value);
}

const widths: Readonly<Record<string, number>> = { Byte: 8, SByte: 8, Int16: 16, UInt16: 16, UInt32: 32 };

/** string.Format: `{index,alignment:format}`, with doubled braces for braces. */
export function formatText(
  format: string,
  args: readonly unknown[],
  place: (text: string, width: number) => string,
): string {
  let result = "";
  for (let at = 0; at < format.length; at++) {
    const char = format[at] as string;
    if (char !== "{" && char !== "}") {
      result += char;
      continue;
    }
    if (format[at + 1] === char) {
      result += char;
      at++;
      continue;
    }
    hole.lastIndex = at;
    const found = hole.exec(format);
    const index = Number(found?.[1] ?? Number.NaN);
    if (found === null || !(index < args.length)) throw badFormat(wrong);
    const value = args[index];
    const made =
      found[3] === undefined ? toText(value) : formatValue(value, found[3].replaceAll("}}", "}").replaceAll("{{", "{"));
    result += found[2] === undefined ? made : place(made, Number(found[2]));
    at += found[0].length - 1;
  }
  return result;
}

const hole = /\{(\d{1,6})\s*(?:,\s*(-?\d{1,6})\s*)?(?::((?:[^{}]|\{\{|\}\})*))?\}/y;
const wrong = "Index (zero based) must be greater than or equal to zero and less than the size of the argument list.";
