import { Decimal } from "./decimal.ts";
import { fixed, grouped, isBelowZero, type Raw, whole } from "./fixed-digits.ts";
import { customNumber } from "./format-custom.ts";
import { digitsOf, formatDouble } from "./format-real.ts";
import { badFormat } from "./net-exception.ts";
import { charge } from "./run.ts";

const maxPrecision = 999;

/**
 * A number in a standard format (`D3`, `F2`, `N0`, `X2`, `P`, `E`, `G`, `C`, `R`) or a custom one (`0.00`, `#,##0`).
 * @param width bits of an integer type, 0 for a real number
 * @param self text of a real number without a format
 */
export function formatNumber(value: Raw, format: string, width: number, self?: unknown): string {
  if (typeof value === "number" && !Number.isFinite(value)) return formatDouble(value);
  const standard = /^([a-zA-Z])(\d{0,3})$/.exec(format);
  if (format === "") return self === undefined ? String(value) : String(self);
  // Each character of a pattern is looked at several times, and kept as an object meanwhile.
  charge(format.length * 64);
  if (standard === null) return customNumber(value, format);
  const [, letter = "", digits = ""] = standard;
  const precision = digits === "" ? undefined : Number(digits);
  if ((precision ?? 0) > maxPrecision) throw badFormat();
  charge((precision ?? 0) * 2);
  return byLetter(value, letter, precision, width, self);
}

function byLetter(value: Raw, letter: string, precision: number | undefined, width: number, self: unknown): string {
  const isNegative = isBelowZero(value);
  const sign = (text: string): string => (isNegative && /[1-9]/.test(text) ? `-${text}` : text);
  switch (letter.toUpperCase()) {
    case "D":
      if (width === 0) throw badFormat();
      return (isNegative ? "-" : "") + whole(value).padStart(precision ?? 1, "0");
    case "X":
      if (width === 0) throw badFormat();
      return hex(value as number | bigint, width, precision ?? 1, letter === "x");
    case "F":
      return sign(fixed(value, precision ?? 2));
    case "N":
      return sign(grouped(fixed(value, precision ?? 2)));
    case "P":
      return `${sign(grouped(fixed(hundredfold(value), precision ?? 2)))} %`;
    case "C":
      return isNegative ? `(¤${grouped(fixed(value, precision ?? 2))})` : `¤${grouped(fixed(value, precision ?? 2))}`;
    case "E":
      return exponential(value, precision ?? 6, letter);
    case "G":
    case "R":
      return general(value, letter === "R" || letter === "r" ? undefined : precision, letter, self);
    default:
      throw badFormat("Format specifier was invalid.");
  }
}

function hex(value: number | bigint, width: number, precision: number, isLower: boolean): string {
  const text = BigInt.asUintN(width, BigInt(value)).toString(16).padStart(precision, "0");
  return isLower ? text : text.toUpperCase();
}

function hundredfold(value: Raw): Raw {
  if (typeof value === "bigint") return value * 100n;
  if (typeof value === "number") return Number((value * 100).toPrecision(15));
  return new Decimal(value.units * 100n, value.scale);
}

function exponential(value: Raw, precision: number, letter: string): string {
  const number = typeof value === "object" ? value.toNumber() : Number(value);
  const [mantissa = "0", power = "0"] = number.toExponential(Math.min(precision, 100)).split("e");
  const exponent = Number(power);
  return `${mantissa}${letter}${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(3, "0")}`;
}

function general(value: Raw, precision: number | undefined, letter: string, self: unknown): string {
  if (precision === undefined || precision === 0) return self === undefined ? String(value) : String(self);
  const number = typeof value === "object" ? value.toNumber() : Number(value);
  if (number === 0) return "0";
  const rounded = Number(number.toPrecision(Math.min(precision, 100)));
  const { digits, exponent } = digitsOf(rounded);
  if (exponent >= precision || exponent < -5) {
    const rest = digits.slice(1);
    const power = String(Math.abs(exponent)).padStart(2, "0");
    const marker = letter === "g" ? "e" : "E";
    return `${number < 0 ? "-" : ""}${digits[0]}${rest === "" ? "" : `.${rest}`}${marker}${exponent < 0 ? "-" : "+"}${power}`;
  }
  const places = Math.max(0, digits.length - 1 - exponent);
  return (number < 0 ? "-" : "") + Math.abs(rounded).toFixed(Math.min(100, places));
}
