import type { Ref, TypeTable } from "#notation/csharp/type/type-def.ts";
import { type NumericId, toNumeric } from "#notation/csharp/type/numeric.ts";
import { decimalZero } from "#notation/csharp/value/decimal.ts";
import type { EnumValue } from "#notation/csharp/value/enum-value.ts";
import { equalValues } from "#notation/csharp/value/equality.ts";
import { formatValue } from "#notation/csharp/value/format.ts";
import { argumentNull, NetException } from "#notation/csharp/value/net-exception.ts";
import { Double, Single, ULong } from "#notation/csharp/value/numbers.ts";
import { parseNumber } from "#notation/csharp/value/parse-number.ts";
import { mathTable } from "./math.ts";
import { text } from "#notation/csharp/value/run.ts";
import { compareValues } from "#notation/csharp/value/compare.ts";
import { toText } from "#notation/csharp/value/to-text.ts";

/** Members that all numeric types share, over one type of the table. */
function numberTable(
  name: NumericId,
  alias: string,
  zero: () => unknown,
  limits: readonly [min: unknown, max: unknown],
): TypeTable {
  const parse = (value: string | null, styles?: EnumValue): unknown => {
    if (value === null) throw argumentNull("s");
    return parseNumber(value, name, styles?.value);
  };
  const attempt = (value: string | null, result: Ref, styles?: EnumValue): boolean => {
    result.value = zero();
    if (value === null) return false;
    try {
      result.value = parse(value, styles);
      return true;
    } catch (error) {
      if (error instanceof NetException) return false;
      throw error;
    }
  };
  return {
    name,
    namespace: "System",
    alias,
    kind: "struct",
    implements: ["IComparable", `IComparable<${alias}>`, "IFormattable", "IConvertible"],
    zero,
    statics: {
      [`MinValue: ${alias}`]: () => limits[0],
      [`MaxValue: ${alias}`]: () => limits[1],
      [`Parse(string s): ${alias}`]: (value: string | null) => parse(value),
      [`Parse(string s, NumberStyles style): ${alias}`]: parse,
      [`Parse(string s, IFormatProvider provider): ${alias}`]: (value: string | null) => parse(value),
      [`Parse(string s, NumberStyles style, IFormatProvider provider): ${alias}`]: parse,
      [`TryParse(string s, out ${alias} result): bool`]: (value: string | null, result: Ref) => attempt(value, result),
      [`TryParse(string s, NumberStyles style, IFormatProvider provider, out ${alias} result): bool`]: (
        value: string | null,
        style: EnumValue,
        _provider: unknown,
        result: Ref,
      ) => attempt(value, result, style),
    },
    members: {
      "ToString(): string": (self: unknown) => toText(self),
      "ToString(string format): string": (self: unknown, format: string | null) =>
        text(formatValue(self, format ?? "")),
      "ToString(IFormatProvider provider): string": (self: unknown) => toText(self),
      "ToString(string format, IFormatProvider provider): string": (self: unknown, format: string | null) =>
        text(formatValue(self, format ?? "")),
      [`CompareTo(${alias} value): int`]: (self: unknown, other: unknown) => compareValues(self, other),
      "CompareTo(object value): int": (self: unknown, other: unknown) => compareValues(self, other),
      [`Equals(${alias} obj): bool`]: (self: unknown, other: unknown) => equalValues(self, other),
    },
  };
}

const real = (make: (value: number) => unknown, max: number, epsilon: number, alias: string): Partial<TypeTable> => ({
  statics: {
    [`NaN: ${alias}`]: () => make(Number.NaN),
    [`PositiveInfinity: ${alias}`]: () => make(Infinity),
    [`NegativeInfinity: ${alias}`]: () => make(-Infinity),
    [`Epsilon: ${alias}`]: () => make(epsilon),
    [`IsNaN(${alias} value): bool`]: (value: { readonly value: number }) => Number.isNaN(value.value),
    [`IsInfinity(${alias} value): bool`]: (value: { readonly value: number }) => Math.abs(value.value) === Infinity,
    [`IsPositiveInfinity(${alias} value): bool`]: (value: { readonly value: number }) => value.value === Infinity,
    [`IsNegativeInfinity(${alias} value): bool`]: (value: { readonly value: number }) => value.value === -Infinity,
  },
});

function withStatics(table: TypeTable, extra: Partial<TypeTable>): TypeTable {
  return { ...table, statics: { ...table.statics, ...extra.statics } };
}

const small = (
  name: "Byte" | "SByte" | "Int16" | "UInt16" | "UInt32",
  alias: string,
  min: number,
  max: number,
): TypeTable => {
  const make = (value: number): unknown => toNumeric(value, name, false);
  return numberTable(name, alias, () => make(0), [make(min), make(max)]);
};

/** `decimal.Round` is `Math.Round`. */
const decimalRounding = Object.fromEntries(
  Object.entries(mathTable.statics ?? {}).filter(([member]) =>
    /^(?:Round|Floor|Ceiling|Truncate)\(decimal /.test(member),
  ),
);

const maxDecimal = toNumeric(2n ** 96n - 1n, "Decimal", false);
const minDecimal = toNumeric(-(2n ** 96n - 1n), "Decimal", false);
const maxSingle = 3.4028234663852886e38;

export const numberTables: readonly TypeTable[] = [
  small("Byte", "byte", 0, 255),
  small("SByte", "sbyte", -128, 127),
  small("Int16", "short", -32768, 32767),
  small("UInt16", "ushort", 0, 65535),
  numberTable("Int32", "int", () => 0, [-2147483648, 2147483647]),
  small("UInt32", "uint", 0, 4294967295),
  numberTable("Int64", "long", () => 0n, [-(2n ** 63n), 2n ** 63n - 1n]),
  numberTable("UInt64", "ulong", () => new ULong(0n), [new ULong(0n), new ULong(2n ** 64n - 1n)]),
  withStatics(
    numberTable("Single", "float", () => new Single(0), [new Single(-maxSingle), new Single(maxSingle)]),
    real((value) => new Single(value), maxSingle, 1.401298464324817e-45, "float"),
  ),
  withStatics(
    numberTable("Double", "double", () => new Double(0), [new Double(-Number.MAX_VALUE), new Double(Number.MAX_VALUE)]),
    real((value) => new Double(value), Number.MAX_VALUE, Number.MIN_VALUE, "double"),
  ),
  withStatics(
    numberTable("Decimal", "decimal", () => decimalZero, [minDecimal, maxDecimal]),
    {
      statics: {
        "Zero: decimal": () => decimalZero,
        "One: decimal": () => toNumeric(1, "Decimal", false),
        ...decimalRounding,
      },
    },
  ),
];
