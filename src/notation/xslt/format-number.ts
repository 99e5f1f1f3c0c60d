import { numberText } from "#notation/xpath/values.ts";

/** The signs of xsl:decimal-format. */
export interface DecimalFormat {
  readonly decimalSeparator: string;
  readonly groupingSeparator: string;
  readonly infinity: string;
  readonly minusSign: string;
  readonly nan: string;
  readonly percent: string;
  readonly perMille: string;
  readonly zeroDigit: string;
  readonly digit: string;
  readonly patternSeparator: string;
}

export const plainDecimalFormat: DecimalFormat = {
  decimalSeparator: ".",
  groupingSeparator: ",",
  infinity: "Infinity",
  minusSign: "-",
  nan: "NaN",
  percent: "%",
  perMille: "\u2030",
  zeroDigit: "0",
  digit: "#",
  patternSeparator: ";",
};

/** Digits of a fraction beyond these are noise. */
const maxFraction = 20;

interface Shape {
  readonly prefix: string;
  readonly suffix: string;
  readonly leastInteger: number;
  readonly leastFraction: number;
  readonly mostFraction: number;
  /** Digits of a group; 0: none. */
  readonly group: number;
  readonly factor: number;
}

/** XSLT's format-number(). @see XSLT 1.0 §12.3 */
export function formatNumber(value: number, pattern: string, format: DecimalFormat): string {
  if (Number.isNaN(value)) return format.nan;
  const [positive = "", negative] = pattern.split(format.patternSeparator, 2);
  const isNegative = value < 0 || Object.is(value, -0);
  const own = shapeOf(positive, format);
  const shape = isNegative && negative !== undefined ? shapeOf(negative, format) : own;
  const sign = isNegative && negative === undefined && value !== 0 ? format.minusSign : "";
  const digits = Number.isFinite(value) ? digitsOf(Math.abs(value) * own.factor, own, format) : format.infinity;
  return `${sign}${shape.prefix}${digits}${shape.suffix}`;
}

function shapeOf(pattern: string, format: DecimalFormat): Shape {
  const signs = new Set([format.digit, format.zeroDigit, format.groupingSeparator, format.decimalSeparator]);
  const characters = [...pattern];
  const first = characters.findIndex((character) => signs.has(character));
  const last = characters.findLastIndex((character) => signs.has(character));
  const prefix = characters.slice(0, first === -1 ? characters.length : first).join("");
  const suffix = first === -1 ? "" : characters.slice(last + 1).join("");
  const [integer = "", fraction = ""] = (first === -1 ? "" : characters.slice(first, last + 1).join("")).split(
    format.decimalSeparator,
    2,
  );
  const group = integer.includes(format.groupingSeparator)
    ? integer.length - integer.lastIndexOf(format.groupingSeparator) - 1
    : 0;
  const zeros = (text: string): number => [...text].filter((character) => character === format.zeroDigit).length;
  const around = prefix + suffix;
  return {
    prefix,
    suffix,
    leastInteger: zeros(integer),
    leastFraction: zeros(fraction),
    mostFraction: Math.min(maxFraction, fraction.length),
    group,
    factor: around.includes(format.percent) ? 100 : around.includes(format.perMille) ? 1000 : 1,
  };
}

function digitsOf(value: number, shape: Shape, format: DecimalFormat): string {
  const fixed = value < 1e21 ? toFixed(value, shape.mostFraction) : numberText(value);
  const [whole = "", rest = ""] = fixed.split(".", 2);
  let fraction = rest.padEnd(shape.leastFraction, "0");
  while (fraction.length > shape.leastFraction && fraction.endsWith("0")) fraction = fraction.slice(0, -1);
  const integer = (whole === "0" ? "" : whole).padStart(shape.leastInteger, "0");
  const shown = integer === "" && fraction === "" ? "0" : integer;
  const grouped = shape.group > 0 ? inGroups(shown, shape.group, format.groupingSeparator) : shown;
  const text = fraction === "" ? grouped : `${grouped}${format.decimalSeparator}${fraction}`;
  return format.zeroDigit === "0" ? text : text.replaceAll(/\d/g, (digit) => shifted(digit, format.zeroDigit));
}

/** Half goes to the even digit, by the decimals that a number is written with. */
function toFixed(value: number, digits: number): string {
  const text = numberText(value);
  const [whole = "", fraction = ""] = text.split(".", 2);
  if (fraction.length <= digits) return fraction === "" ? whole : `${whole}.${fraction}`;
  const kept = BigInt(whole + fraction.slice(0, digits));
  const rest = fraction.slice(digits);
  const isHalf = /^50*$/.test(rest);
  const goesUp = isHalf ? kept % 2n === 1n : rest >= "5";
  const all = String(goesUp ? kept + 1n : kept).padStart(digits + 1, "0");
  return digits === 0 ? all : `${all.slice(0, -digits)}.${all.slice(-digits)}`;
}

function inGroups(digits: string, size: number, separator: string): string {
  const groups: string[] = [];
  for (let end = digits.length; end > 0; end -= size) groups.unshift(digits.slice(Math.max(0, end - size), end));
  return groups.join(separator);
}

function shifted(digit: string, zero: string): string {
  return String.fromCodePoint((zero.codePointAt(0) ?? 48) + Number(digit));
}
