import { convertNumber, numberAs } from "#notation/csharp/json/convert.ts";
import { type NumericId, rawNumber, toNumeric } from "#notation/csharp/type/numeric.ts";
import type { Implementation, TypeTable } from "#notation/csharp/type/type-def.ts";
import { Char } from "#notation/csharp/value/char.ts";
import { DateTime } from "#notation/csharp/value/date-time.ts";
import { Decimal } from "#notation/csharp/value/decimal.ts";
import type { EnumValue } from "#notation/csharp/value/enum-value.ts";
import type { NetArray } from "#notation/csharp/value/net-array.ts";
import { argument, argumentNull, badFormat, invalidCast, overflow } from "#notation/csharp/value/net-exception.ts";
import { asDateTime, notADate, readDate } from "#notation/csharp/value/parse-date.ts";
import { charge, text } from "#notation/csharp/value/run.ts";
import { toText } from "#notation/csharp/value/to-text.ts";
import { JValue } from "#notation/csharp/json/token.ts";
import { parseBoolean } from "./boolean.ts";

const targets: readonly (readonly [method: string, id: NumericId, alias: string])[] = [
  ["ToByte", "Byte", "byte"],
  ["ToSByte", "SByte", "sbyte"],
  ["ToInt16", "Int16", "short"],
  ["ToUInt16", "UInt16", "ushort"],
  ["ToInt32", "Int32", "int"],
  ["ToUInt32", "UInt32", "uint"],
  ["ToInt64", "Int64", "long"],
  ["ToUInt64", "UInt64", "ulong"],
  ["ToSingle", "Single", "float"],
  ["ToDouble", "Double", "double"],
  ["ToDecimal", "Decimal", "decimal"],
  ["ToChar", "Char", "char"],
];

const widths: Readonly<Partial<Record<NumericId, number>>> = {
  Byte: 8,
  SByte: 8,
  Int16: 16,
  UInt16: 16,
  Int32: 32,
  UInt32: 32,
  Int64: 64,
  UInt64: 64,
};

function open(value: unknown): unknown {
  return value instanceof JValue ? value.value : value;
}

function toNumber(id: NumericId, given: unknown): unknown {
  const value = open(given);
  if (value === null) {
    if (id === "Char") throw argumentNull("value");
    return convertNumber(id, 0);
  }
  return numberAs(id, value, () => invalidCast(typeof value, id));
}

function fromBase(id: NumericId, value: string | null, base: number): unknown {
  if (![2, 8, 10, 16].includes(base)) throw argument("Invalid Base.");
  if (value === null) return convertNumber(id, 0);
  if (base === 10) return toNumber(id, value);
  const digits = value.trim().replace(/^0[xX]/, base === 16 ? "" : "0x");
  const prefix = base === 16 ? "0x" : base === 8 ? "0o" : "0b";
  if (!/^[0-9a-fA-F]+$/.test(digits) || digits.length > 64) throw badFormat("Could not find any recognizable digits.");
  let read: bigint;
  try {
    read = BigInt(prefix + digits);
  } catch {
    throw badFormat("Could not find any recognizable digits.");
  }
  if (read >= 1n << BigInt(widths[id] ?? 32)) throw overflow("");
  return toNumeric(read, id, false);
}

function toBase(value: unknown, base: number, width: number): string {
  if (![2, 8, 10, 16].includes(base)) throw argument("Invalid Base.");
  const raw = BigInt(rawNumber(value) as number | bigint);
  return base === 10 ? String(raw) : BigInt.asUintN(width, raw).toString(base);
}

function toBoolean(given: unknown): boolean {
  const value = open(given);
  if (value === null) return false;
  if (typeof value === "boolean") return value;
  if (typeof value === "string") return parseBoolean(value);
  const raw = rawNumber(value);
  if (raw === undefined || value instanceof Char) throw invalidCast(typeof value, "Boolean");
  return raw instanceof Decimal ? raw.units !== 0n : raw !== 0 && raw !== 0n;
}

function toDateTime(given: unknown): DateTime {
  const value = open(given);
  if (value === null) return new DateTime(0n, 0);
  if (value instanceof DateTime) return value;
  if (typeof value !== "string") throw invalidCast(typeof value, "DateTime");
  const read = readDate(value);
  if (read === undefined) throw notADate(value);
  return asDateTime(read, 0);
}

const wrong =
  "The input is not a valid Base-64 string as it contains a non-base 64 character, more than two padding characters, or an illegal character among the padding characters.";

/** Base64 with its padding; white space passes, `-` and `_` do not. */
export function fromBase64(value: string | null): Uint8Array {
  if (value === null) throw argumentNull("s");
  const packed = value.replace(/[ \t\r\n]/g, "");
  if (packed.length % 4 !== 0)
    throw badFormat(
      /^[A-Za-z0-9+/]*={0,2}$/.test(packed) ? "Invalid length for a Base-64 char array or string." : wrong,
    );
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(packed)) throw badFormat(wrong);
  charge(packed.length);
  return new Uint8Array(Buffer.from(packed, "base64"));
}

function toBase64(bytes: Uint8Array | null, isBroken: boolean): string {
  if (bytes === null) throw argumentNull("inArray");
  charge(bytes.length * 3);
  const made = Buffer.from(bytes).toString("base64");
  return isBroken ? (made.match(/.{1,76}/g) ?? []).join("\r\n") : made;
}

function toHex(bytes: Uint8Array): string {
  return text(Buffer.from(bytes).toString("hex").toUpperCase());
}

function perTarget(): Record<string, Implementation> {
  const made: Record<string, Implementation> = {};
  for (const [method, id, alias] of targets) {
    made[`${method}(object value): ${alias}`] = (value: unknown) => toNumber(id, value);
    made[`${method}(object value, IFormatProvider provider): ${alias}`] = (value: unknown) => toNumber(id, value);
    if (widths[id] !== undefined)
      made[`${method}(string value, int fromBase): ${alias}`] = (value: string | null, base: number) =>
        fromBase(id, value, base);
  }
  return made;
}

export const convertTable: TypeTable = {
  name: "Convert",
  namespace: "System",
  kind: "static",
  statics: {
    ...perTarget(),
    "ToBoolean(object value): bool": toBoolean,
    "ToBoolean(object value, IFormatProvider provider): bool": toBoolean,
    "ToDateTime(object value): DateTime": toDateTime,
    "ToDateTime(object value, IFormatProvider provider): DateTime": toDateTime,
    "ToString(object value): string": (value: unknown) => text(toText(value)),
    "ToString(string value): string": (value: string | null) => value,
    "ToString(object value, IFormatProvider provider): string": (value: unknown) => text(toText(value)),
    "ToString(byte value, int toBase): string": (value: unknown, base: number) => toBase(value, base, 8),
    "ToString(short value, int toBase): string": (value: unknown, base: number) => toBase(value, base, 16),
    "ToString(int value, int toBase): string": (value: number, base: number) => toBase(value, base, 32),
    "ToString(long value, int toBase): string": (value: bigint, base: number) => toBase(value, base, 64),
    "ToBase64String(byte[] inArray): string": (bytes: Uint8Array | null) => toBase64(bytes, false),
    "ToBase64String(byte[] inArray, Base64FormattingOptions options): string": (
      bytes: Uint8Array | null,
      options: EnumValue,
    ) => toBase64(bytes, options.value === 1),
    "ToBase64String(byte[] inArray, int offset, int length): string": (
      bytes: Uint8Array,
      offset: number,
      length: number,
    ) => toBase64(bytes.subarray(offset, offset + length), false),
    "FromBase64String(string s): byte[]": fromBase64,
    "FromBase64CharArray(char[] inArray, int offset, int length): byte[]": (
      chars: NetArray,
      offset: number,
      length: number,
    ) => fromBase64(chars.items.slice(offset, offset + length).join("")),
    "ToHexString(byte[] inArray): string": toHex,
    "FromHexString(string s): byte[]": (value: string) => {
      if (!/^(?:[0-9a-fA-F]{2})*$/.test(value))
        throw badFormat("The input is not a valid hex string as it contains a non-hex character.");
      return new Uint8Array(Buffer.from(value, "hex"));
    },
    "ChangeType(object value, Type conversionType): object": (
      value: unknown,
      type: { readonly type: { readonly key: string } },
    ) => changeType(value, type.type.key),
    "IsDBNull(object value): bool": () => false,
  },
};

function changeType(value: unknown, key: string): unknown {
  const target = targets.find(([, id]) => id === key);
  if (target !== undefined) return toNumber(target[1], value);
  if (key === "String") return toText(value);
  if (key === "Boolean") return toBoolean(value);
  if (key === "DateTime") return toDateTime(value);
  throw invalidCast(typeof value, key);
}
