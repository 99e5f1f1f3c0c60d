import { Char, charOf } from "#notation/csharp/value/char.ts";
import { Decimal, decimalFromNumber } from "#notation/csharp/value/decimal.ts";
import { EnumValue } from "#notation/csharp/value/enum-value.ts";
import { overflow } from "#notation/csharp/value/net-exception.ts";
import { BigInteger, byteOf, Double, Single, Small, type SmallType, ULong } from "#notation/csharp/value/numbers.ts";
import type { CsType } from "./cs-type.ts";

export type NumericId =
  | "SByte"
  | "Byte"
  | "Int16"
  | "UInt16"
  | "Int32"
  | "UInt32"
  | "Int64"
  | "UInt64"
  | "Char"
  | "Single"
  | "Double"
  | "Decimal";

/** Implicit numeric conversions (C# 7, §10.2.3). */
const widening: Readonly<Record<NumericId, readonly NumericId[]>> = {
  SByte: ["Int16", "Int32", "Int64", "Single", "Double", "Decimal"],
  Byte: ["Int16", "UInt16", "Int32", "UInt32", "Int64", "UInt64", "Single", "Double", "Decimal"],
  Int16: ["Int32", "Int64", "Single", "Double", "Decimal"],
  UInt16: ["Int32", "UInt32", "Int64", "UInt64", "Single", "Double", "Decimal"],
  Int32: ["Int64", "Single", "Double", "Decimal"],
  UInt32: ["Int64", "UInt64", "Single", "Double", "Decimal"],
  Int64: ["Single", "Double", "Decimal"],
  UInt64: ["Single", "Double", "Decimal"],
  Char: ["UInt16", "Int32", "UInt32", "Int64", "UInt64", "Single", "Double", "Decimal"],
  Single: ["Double"],
  Double: [],
  Decimal: [],
};

export function numericId(type: CsType): NumericId | undefined {
  return type.kind === "named" && Object.hasOwn(widening, type.def.id) ? (type.def.id as NumericId) : undefined;
}

export function widens(from: NumericId, to: NumericId): boolean {
  return widening[from].includes(to);
}

const bits: Readonly<Partial<Record<NumericId, readonly [width: number, signed: boolean]>>> = {
  SByte: [8, true],
  Byte: [8, false],
  Int16: [16, true],
  UInt16: [16, false],
  Char: [16, false],
  Int32: [32, true],
  UInt32: [32, false],
  Int64: [64, true],
  UInt64: [64, false],
};

export function isIntegral(id: NumericId): boolean {
  return bits[id] !== undefined;
}

/** What a numeric value is in JavaScript; undefined for what is no number. */
export function rawNumber(value: unknown): number | bigint | Decimal | undefined {
  if (typeof value === "number" || typeof value === "bigint" || value instanceof Decimal) return value;
  if (value instanceof Double || value instanceof Single || value instanceof Small) return value.value;
  if (value instanceof ULong || value instanceof BigInteger || value instanceof EnumValue) return value.value;
  return value instanceof Char ? value.code : undefined;
}

/** Does the integer fit the type? */
export function fitsIn(value: bigint, id: NumericId): boolean {
  const found = bits[id];
  if (found === undefined) return true;
  const [width, isSigned] = found;
  return isSigned ? BigInt.asIntN(width, value) === value : BigInt.asUintN(width, value) === value;
}

/** A value of the numeric type. Out of range it wraps, or throws OverflowException where `isChecked`. */
export function toNumeric(raw: number | bigint | Decimal, id: NumericId, isChecked: boolean): unknown {
  switch (id) {
    case "Double":
      return new Double(asNumber(raw));
    case "Single":
      return new Single(asNumber(raw));
    case "Decimal":
      return asDecimal(raw);
    case "Int32":
      return typeof raw === "number" && (raw | 0) === raw ? raw : Number(wrapped(raw, id, isChecked));
    case "Int64":
      return wrapped(raw, id, isChecked);
    case "UInt64":
      return new ULong(wrapped(raw, id, isChecked));
    default:
      return small(id, Number(wrapped(raw, id, isChecked)));
  }
}

function small(id: SmallType | "Char", value: number): unknown {
  if (id === "Byte") return byteOf(value);
  return id === "Char" ? charOf(value) : new Small(id, value);
}

function asNumber(raw: number | bigint | Decimal): number {
  return typeof raw === "object" ? raw.toNumber() : Number(raw);
}

function asDecimal(raw: number | bigint | Decimal): Decimal {
  if (typeof raw === "object") return raw;
  if (typeof raw === "bigint") return new Decimal(raw, 0);
  return Number.isInteger(raw) && Math.abs(raw) < 1e15 ? new Decimal(BigInt(raw), 0) : decimalFromNumber(raw);
}

function wrapped(raw: number | bigint | Decimal, id: NumericId, isChecked: boolean): bigint {
  const whole = wholeOf(raw, isChecked, id);
  const [width, isSigned] = bits[id] ?? [64, true];
  const result = isSigned ? BigInt.asIntN(width, whole) : BigInt.asUintN(width, whole);
  // A decimal is never cut silently.
  if (result !== whole && (isChecked || typeof raw === "object")) throw overflow(typeNames[id]);
  return result;
}

function wholeOf(raw: number | bigint | Decimal, isChecked: boolean, id: NumericId): bigint {
  if (typeof raw === "bigint") return raw;
  if (typeof raw === "object") return raw.units / 10n ** BigInt(raw.scale);
  if (Number.isFinite(raw) && Math.abs(raw) < 2 ** 64) return BigInt(Math.trunc(raw));
  // Unspecified in C#; this is what x64 does.
  if (isChecked) throw overflow(typeNames[id]);
  return id === "Int64" || id === "UInt64" ? -(2n ** 63n) : -(2n ** 31n);
}

/** As the messages of OverflowException have them. */
const typeNames: Readonly<Record<NumericId, string>> = {
  SByte: "a signed byte",
  Byte: "an unsigned byte",
  Int16: "an Int16",
  UInt16: "a UInt16",
  Int32: "an Int32",
  UInt32: "a UInt32",
  Int64: "an Int64",
  UInt64: "a UInt64",
  Char: "a character",
  Single: "a Single",
  Double: "a Double",
  Decimal: "a Decimal",
};
