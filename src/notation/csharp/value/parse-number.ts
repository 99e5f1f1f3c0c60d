import { fitsIn, isIntegral, type NumericId, toNumeric } from "#notation/csharp/type/numeric.ts";
import { parseDecimal } from "./decimal.ts";
import { badFormat, overflow } from "./net-exception.ts";

/** NumberStyles as flags. */
export const styles = {
  leadingWhite: 1,
  trailingWhite: 2,
  leadingSign: 4,
  trailingSign: 8,
  parentheses: 16,
  decimalPoint: 32,
  thousands: 64,
  exponent: 128,
  currency: 256,
  hex: 512,
} as const;

const integerStyle = 7;
const floatStyle = 167 | styles.thousands;
const decimalStyle = 111;

/** Parse of a numeric type. @throws NetException FormatException, OverflowException */
export function parseNumber(text: string, id: NumericId, given?: number): unknown {
  const style = given ?? (isIntegral(id) ? integerStyle : id === "Decimal" ? decimalStyle : floatStyle);
  if (text.length > 1000) throw badFormat();
  if ((style & styles.hex) !== 0) return parseHex(text, id, style);
  const plain = normalized(text, style);
  if (plain === undefined) {
    if (!isIntegral(id) && id !== "Decimal") return special(text.trim(), id);
    throw badFormat(`The input string '${text}' was not in a correct format.`);
  }
  if (id === "Decimal") return parseDecimal(plain);
  if (!isIntegral(id)) return toNumeric(Number(plain), id, false);
  const value = wholeNumber(plain);
  if (!fitsIn(value, id)) throw overflow(names[id] ?? id);
  return toNumeric(value, id, true);
}

const names: Readonly<Partial<Record<NumericId, string>>> = {
  Int32: "an Int32",
  Int64: "an Int64",
  Byte: "an unsigned byte",
};

const shape = /^(\s*)(\(?)([+-]?)(¤?)(\d[\d,]*|)(\.\d*)?([eE][+-]?\d{1,4})?([+-]?)(\)?)([\s\0]*)$/;

/** Digits, point and exponent as JavaScript reads them; undefined where the style does not allow the text. */
function normalized(text: string, style: number): string | undefined {
  const found = shape.exec(text);
  if (found === null) return undefined;
  const [
    ,
    before = "",
    open = "",
    sign = "",
    currency = "",
    whole = "",
    point = "",
    exponent = "",
    behind = "",
    close = "",
    after = "",
  ] = found;
  const used: readonly (readonly [text: string, flag: number])[] = [
    [before, styles.leadingWhite],
    [after.replaceAll("\0", ""), styles.trailingWhite],
    [sign, styles.leadingSign],
    [behind, styles.trailingSign],
    [open + close, styles.parentheses],
    [currency, styles.currency],
    [point, styles.decimalPoint],
    [exponent, styles.exponent],
    [whole.includes(",") ? "," : "", styles.thousands],
  ];
  if (used.some(([part, flag]) => part !== "" && (style & flag) === 0)) return undefined;
  if (open.length !== close.length || (sign !== "" && behind !== "")) return undefined;
  if (whole === "" && point.length < 2) return undefined;
  const isNegative = sign === "-" || behind === "-" || open !== "";
  return (isNegative ? "-" : "") + (whole.replaceAll(",", "") || "0") + (point === "." ? "" : point) + exponent;
}

function wholeNumber(plain: string): bigint {
  if (!/[.eE]/.test(plain)) return BigInt(plain);
  const decimal = parseDecimal(plain);
  const by = 10n ** BigInt(decimal.scale);
  if (decimal.units % by !== 0n) throw overflow("an Int32");
  return decimal.units / by;
}

function parseHex(text: string, id: NumericId, style: number): unknown {
  const trimmed = (style & styles.leadingWhite) === 0 ? text : text.trim();
  if (!/^[0-9a-fA-F]+$/.test(trimmed)) throw badFormat();
  const value = BigInt(`0x${trimmed}`);
  const widths: Readonly<Partial<Record<NumericId, number>>> = {
    Byte: 8,
    SByte: 8,
    Int16: 16,
    UInt16: 16,
    Int64: 64,
    UInt64: 64,
  };
  const width = widths[id] ?? 32;
  if (value >= 1n << BigInt(width)) throw overflow(names[id] ?? id);
  return toNumeric(value, id, false);
}

function special(text: string, id: NumericId): unknown {
  const known: Readonly<Record<string, number>> = {
    NaN: Number.NaN,
    Infinity: Infinity,
    "-Infinity": -Infinity,
    "∞": Infinity,
    "-∞": -Infinity,
  };
  const value = known[text];
  if (value === undefined) throw badFormat();
  return toNumeric(value, id, false);
}
