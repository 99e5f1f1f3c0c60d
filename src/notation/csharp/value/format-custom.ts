import { Decimal } from "./decimal.ts";
import { fixed, grouped, isBelowZero, type Raw } from "./fixed-digits.ts";

/** A custom numeric format: `0`, `#`, `.`, `,`, `%`, quotes and sections for positive, negative and zero. */
export function customNumber(value: Raw, format: string): string {
  const sections = splitSections(format);
  const isNegative = isBelowZero(value);
  const isZero = typeof value === "object" ? value.units === 0n : Number(value) === 0;
  const [positive = "", negative, zero] = sections;
  if (isZero && zero !== undefined && zero !== "") return write(value, zero);
  if (isNegative && negative !== undefined && negative !== "") return write(negated(value), negative);
  const text = write(isNegative ? negated(value) : value, positive);
  return isNegative && /[1-9]/.test(text) ? `-${text}` : text;
}

function negated(value: Raw): Raw {
  if (typeof value === "object") return new Decimal(-value.units, value.scale);
  return -value;
}

function splitSections(format: string): string[] {
  const sections = [""];
  scan(format, (part, isLiteral) => {
    if (part === ";" && !isLiteral) sections.push("");
    else sections[sections.length - 1] += isLiteral ? `'${part.replaceAll("'", "''")}'` : part;
  });
  return sections;
}

/** Calls back with each character of the format, and whether it stands for itself. */
function scan(format: string, use: (part: string, isLiteral: boolean) => void): void {
  for (let at = 0; at < format.length; at++) {
    const char = format[at] as string;
    if (char === "\\") use(format[++at] ?? "", true);
    else if (char === "'" || char === '"') {
      const end = format.indexOf(char, at + 1);
      const stop = end === -1 ? format.length : end;
      use(format.slice(at + 1, stop), true);
      at = stop;
    } else use(char, false);
  }
}

interface Layout {
  /** Places before and behind the point, of which `0` are written in any case. */
  readonly minWhole: number;
  readonly places: number;
  readonly minPlaces: number;
  readonly isGrouped: boolean;
  readonly scale: number;
}

function layoutOf(section: string): Layout {
  let digits = "";
  let percent = 0;
  scan(section, (part, isLiteral) => {
    if (isLiteral) return;
    if ("0#.,".includes(part)) digits += part;
    if (part === "%") percent += 2;
    if (part === "‰") percent += 3;
  });
  const point = digits.indexOf(".");
  const before = point === -1 ? digits : digits.slice(0, point);
  const after = point === -1 ? "" : digits.slice(point + 1).replaceAll(/[.,]/g, "");
  const trailing = /,+$/.exec(before)?.[0].length ?? 0;
  const firstZero = before.indexOf("0");
  return {
    minWhole: firstZero === -1 ? 0 : before.slice(firstZero).replaceAll(",", "").length,
    places: after.length,
    minPlaces: after.lastIndexOf("0") + 1,
    isGrouped: /[0#],+[0#]/.test(before),
    scale: percent - trailing * 3,
  };
}

function write(value: Raw, section: string): string {
  const layout = layoutOf(section);
  const [wholeDigits = "0", rest = ""] = fixed(scaled(value, layout.scale), layout.places).split(".");
  let whole = wholeDigits.replace(/^0+/, "").padStart(layout.minWhole, "0");
  if (layout.isGrouped) whole = grouped(whole);
  const fraction = rest.replace(/0+$/, "").padEnd(layout.minPlaces, "0");
  return place(section, whole, fraction);
}

function scaled(value: Raw, scale: number): Raw {
  if (scale === 0) return value;
  const number = typeof value === "object" ? value.toNumber() : Number(value);
  return Number((number * 10 ** scale).toPrecision(15));
}

/** The digits go where the first placeholder stands; extra whole digits go before it. */
function place(section: string, whole: string, fraction: string): string {
  let result = "";
  let isWhole = true;
  let hasDigits = false;
  let left = whole;
  let right = fraction;
  const wholePlaces = countWholePlaces(section);
  let seen = 0;
  scan(section, (part, isLiteral) => {
    if (isLiteral || !"0#.,".includes(part)) result += part;
    else if (part === ".") {
      if (isWhole && !hasDigits) result += left;
      isWhole = false;
      if (fraction !== "") result += ".";
    } else if (part !== ",") {
      if (isWhole) {
        // With groups or many digits all of them go to the first placeholder.
        if (seen === 0 && (whole.includes(",") || wholePlaces <= 1 || !section.slice(1).match(/[0#][^0#.,]+[0#]/))) {
          result += left;
          left = "";
        } else if (seen === 0) {
          const first = Math.max(0, left.length - wholePlaces + 1);
          result += left.slice(0, first);
          left = left.slice(first);
        } else {
          const take = left.length >= wholePlaces - seen ? 1 : 0;
          result += left.slice(0, take);
          left = left.slice(take);
        }
        seen++;
        hasDigits = true;
      } else {
        result += right.slice(0, 1);
        right = right.slice(1);
      }
    }
  });
  return result;
}

function countWholePlaces(section: string): number {
  let count = 0;
  let isWhole = true;
  scan(section, (part, isLiteral) => {
    if (isLiteral) return;
    if (part === ".") isWhole = false;
    if (isWhole && (part === "0" || part === "#")) count++;
  });
  return count;
}
