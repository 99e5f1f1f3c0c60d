import { type NumericId, rawNumber, toNumeric } from "#notation/csharp/type/numeric.ts";
import type { Implementation, TypeTable } from "#notation/csharp/type/type-def.ts";
import { compareValues } from "#notation/csharp/value/compare.ts";
import { Decimal, roundDecimal, type Rounding } from "#notation/csharp/value/decimal.ts";
import type { EnumValue } from "#notation/csharp/value/enum-value.ts";
import { argument, divideByZero, overflow } from "#notation/csharp/value/net-exception.ts";
import { Double } from "#notation/csharp/value/numbers.ts";
import { roundTo } from "#notation/csharp/value/round.ts";

const double =
  (run: (...values: number[]) => number) =>
  (...values: Double[]): Double =>
    new Double(run(...values.map(({ value }) => value)));

const modes: readonly Rounding[] = ["even", "away", "zero", "floor", "ceiling"];

function round(value: Double | Decimal, places: number, mode: EnumValue | undefined): unknown {
  const name = modes[mode?.value ?? 0] ?? "even";
  if (places < 0 || places > (value instanceof Decimal ? 28 : 15))
    throw argument("Rounding digits must be between 0 and 15, inclusive. (Parameter 'digits')");
  if (value instanceof Decimal) return roundDecimal(value, places, name);
  return new Double(roundTo(value.value, places, name));
}

const types: readonly (readonly [alias: string, id: NumericId])[] = [
  ["sbyte", "SByte"],
  ["byte", "Byte"],
  ["short", "Int16"],
  ["ushort", "UInt16"],
  ["int", "Int32"],
  ["uint", "UInt32"],
  ["long", "Int64"],
  ["ulong", "UInt64"],
  ["float", "Single"],
  ["double", "Double"],
  ["decimal", "Decimal"],
];

function abs(id: NumericId, value: unknown): unknown {
  if (value instanceof Decimal) return value.units < 0n ? new Decimal(-value.units, value.scale) : value;
  const raw = rawNumber(value) as number | bigint;
  const made = raw < 0 ? -raw : raw;
  if (id !== "Double" && id !== "Single" && (id === "Int32" ? made === 2147483648 : made === 2n ** 63n)) {
    throw overflow("");
  }
  return toNumeric(made, id, true);
}

function perType(): Record<string, Implementation> {
  const made: Record<string, Implementation> = {};
  for (const [alias, id] of types) {
    made[`Max(${alias} val1, ${alias} val2): ${alias}`] = (a: unknown, b: unknown) =>
      isNaNValue(a) || compareValues(a, b) >= 0 ? a : b;
    made[`Min(${alias} val1, ${alias} val2): ${alias}`] = (a: unknown, b: unknown) =>
      isNaNValue(a) || compareValues(a, b) <= 0 ? a : b;
    made[`Clamp(${alias} value, ${alias} min, ${alias} max): ${alias}`] = (
      value: unknown,
      min: unknown,
      max: unknown,
    ) => {
      if (compareValues(min, max) > 0) throw argument("'min' cannot be greater than max.");
      return compareValues(value, min) < 0 ? min : compareValues(value, max) > 0 ? max : value;
    };
    if (alias.startsWith("u") || alias === "byte") continue;
    made[`Abs(${alias} value): ${alias}`] = (value: unknown) => abs(id, value);
    made[`Sign(${alias} value): int`] = (value: unknown) => {
      const raw = value instanceof Decimal ? value.units : (rawNumber(value) as number | bigint);
      return raw < 0 ? -1 : raw > 0 ? 1 : 0;
    };
  }
  return made;
}

function isNaNValue(value: unknown): boolean {
  return value instanceof Double && Number.isNaN(value.value);
}

const functions = [
  "sin",
  "cos",
  "tan",
  "asin",
  "acos",
  "atan",
  "sinh",
  "cosh",
  "tanh",
  "sqrt",
  "cbrt",
  "exp",
  "log10",
  "log2",
] as const;
const capital = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);

export const mathTable: TypeTable = {
  name: "Math",
  namespace: "System",
  kind: "static",
  statics: {
    "PI: double": () => new Double(Math.PI),
    "E: double": () => new Double(Math.E),
    ...perType(),
    ...Object.fromEntries(functions.map((name) => [`${capital(name)}(double d): double`, double(Math[name])])),
    "Log(double d): double": double(Math.log),
    "Log(double a, double newBase): double": double((a, base) => Math.log(a) / Math.log(base)),
    "Pow(double x, double y): double": double((x, y) => x ** y),
    "Atan2(double y, double x): double": double(Math.atan2),
    "Floor(double d): double": double(Math.floor),
    "Ceiling(double a): double": double(Math.ceil),
    "Truncate(double d): double": double(Math.trunc),
    "IEEERemainder(double x, double y): double": double((x, y) => x - y * roundTo(x / y, 0, "even")),
    "Floor(decimal d): decimal": (value: Decimal) => roundDecimal(value, 0, "floor"),
    "Ceiling(decimal d): decimal": (value: Decimal) => roundDecimal(value, 0, "ceiling"),
    "Truncate(decimal d): decimal": (value: Decimal) => roundDecimal(value, 0, "zero"),
    "Round(double a): double": (value: Double) => round(value, 0, undefined),
    "Round(double value, int digits): double": (value: Double, places: number) => round(value, places, undefined),
    "Round(double value, MidpointRounding mode): double": (value: Double, mode: EnumValue) => round(value, 0, mode),
    "Round(double value, int digits, MidpointRounding mode): double": round,
    "Round(decimal d): decimal": (value: Decimal) => round(value, 0, undefined),
    "Round(decimal d, int decimals): decimal": (value: Decimal, places: number) => round(value, places, undefined),
    "Round(decimal d, MidpointRounding mode): decimal": (value: Decimal, mode: EnumValue) => round(value, 0, mode),
    "Round(decimal d, int decimals, MidpointRounding mode): decimal": round,
    "DivRem(int a, int b, out int result): int": (a: number, b: number, result: { value: unknown }) => {
      if (b === 0) throw divideByZero();
      result.value = (a % b) | 0;
      return (a / b) | 0;
    },
    "BigMul(int a, int b): long": (a: number, b: number) => BigInt(a) * BigInt(b),
  },
};
