import type { NumericId } from "#notation/csharp/type/numeric.ts";
import {
  addDecimals,
  compareDecimals,
  type Decimal,
  divideDecimals,
  multiplyDecimals,
  remainderDecimals,
  subtractDecimals,
} from "#notation/csharp/value/decimal.ts";
import { divideByZero, overflow } from "#notation/csharp/value/net-exception.ts";
import { Double, Single, Small, ULong } from "#notation/csharp/value/numbers.ts";

export type Operation = (a: never, b: never) => unknown;
type Operations = Readonly<Record<string, Operation>>;

const int: Operations = {
  "+": (a: number, b: number) => (a + b) | 0,
  "-": (a: number, b: number) => (a - b) | 0,
  "*": (a: number, b: number) => Math.imul(a, b),
  "/": (a: number, b: number) => divideInt(a, b),
  "%": (a: number, b: number) => {
    if (b === 0) throw divideByZero();
    return (a % b) | 0;
  },
  "&": (a: number, b: number) => a & b,
  "|": (a: number, b: number) => a | b,
  "^": (a: number, b: number) => a ^ b,
  "<": (a: number, b: number) => a < b,
  ">": (a: number, b: number) => a > b,
  "<=": (a: number, b: number) => a <= b,
  ">=": (a: number, b: number) => a >= b,
  "==": (a: number, b: number) => a === b,
  "!=": (a: number, b: number) => a !== b,
};

function divideInt(a: number, b: number): number {
  if (b === 0) throw divideByZero();
  if (b === -1 && a === -2147483648) throw overflow("");
  return (a / b) | 0;
}

const checkedInt: Operations = {
  ...int,
  "+": (a: number, b: number) => inInt(a + b),
  "-": (a: number, b: number) => inInt(a - b),
  "*": (a: number, b: number) => inInt(a * b),
};

function inInt(value: number): number {
  if ((value | 0) !== value) throw overflow("");
  return value;
}

function whole(wrap: (value: bigint) => bigint, isChecked: boolean): Operations {
  const done = (value: bigint): bigint => {
    const result = wrap(value);
    if (isChecked && result !== value) throw overflow("");
    return result;
  };
  return {
    "+": (a: bigint, b: bigint) => done(a + b),
    "-": (a: bigint, b: bigint) => done(a - b),
    "*": (a: bigint, b: bigint) => done(a * b),
    "/": (a: bigint, b: bigint) => {
      if (b === 0n) throw divideByZero();
      if (wrap(a / b) !== a / b) throw overflow("");
      return a / b;
    },
    "%": (a: bigint, b: bigint) => {
      if (b === 0n) throw divideByZero();
      return a % b;
    },
    "&": (a: bigint, b: bigint) => a & b,
    "|": (a: bigint, b: bigint) => a | b,
    "^": (a: bigint, b: bigint) => a ^ b,
    "<": (a: bigint, b: bigint) => a < b,
    ">": (a: bigint, b: bigint) => a > b,
    "<=": (a: bigint, b: bigint) => a <= b,
    ">=": (a: bigint, b: bigint) => a >= b,
    "==": (a: bigint, b: bigint) => a === b,
    "!=": (a: bigint, b: bigint) => a !== b,
  };
}

const real: Operations = {
  "+": (a: number, b: number) => a + b,
  "-": (a: number, b: number) => a - b,
  "*": (a: number, b: number) => a * b,
  "/": (a: number, b: number) => a / b,
  "%": (a: number, b: number) => a % b,
  "<": (a: number, b: number) => a < b,
  ">": (a: number, b: number) => a > b,
  "<=": (a: number, b: number) => a <= b,
  ">=": (a: number, b: number) => a >= b,
  "==": (a: number, b: number) => a === b,
  "!=": (a: number, b: number) => a !== b,
};

const decimal: Operations = {
  "+": addDecimals,
  "-": subtractDecimals,
  "*": multiplyDecimals,
  "/": divideDecimals,
  "%": remainderDecimals,
  "<": (a: Decimal, b: Decimal) => compareDecimals(a, b) < 0,
  ">": (a: Decimal, b: Decimal) => compareDecimals(a, b) > 0,
  "<=": (a: Decimal, b: Decimal) => compareDecimals(a, b) <= 0,
  ">=": (a: Decimal, b: Decimal) => compareDecimals(a, b) >= 0,
  "==": (a: Decimal, b: Decimal) => compareDecimals(a, b) === 0,
  "!=": (a: Decimal, b: Decimal) => compareDecimals(a, b) !== 0,
};

const asLong = (value: bigint): bigint => BigInt.asIntN(64, value);
const asULong = (value: bigint): bigint => BigInt.asUintN(64, value);
const asUInt = (value: bigint): bigint => BigInt.asUintN(32, value);

const plain: Readonly<Partial<Record<NumericId, Operations>>> = {
  Int32: int,
  Int64: whole(asLong, false),
  Decimal: decimal,
};
const checked: Readonly<Partial<Record<NumericId, Operations>>> = {
  Int32: checkedInt,
  Int64: whole(asLong, true),
  Decimal: decimal,
};

/** Types whose values are objects around a number: how to open and close them. */
const wrapped: Readonly<
  Partial<
    Record<
      NumericId,
      { plain: Operations; checked: Operations; open(value: never): unknown; close(raw: never): unknown }
    >
  >
> = {
  Double: { plain: real, checked: real, open: (value: Double) => value.value, close: (raw: number) => new Double(raw) },
  Single: { plain: real, checked: real, open: (value: Single) => value.value, close: (raw: number) => new Single(raw) },
  UInt64: {
    plain: whole(asULong, false),
    checked: whole(asULong, true),
    open: (value: ULong) => value.value,
    close: (raw: bigint) => new ULong(raw),
  },
  UInt32: {
    plain: whole(asUInt, false),
    checked: whole(asUInt, true),
    open: (value: Small) => BigInt(value.value),
    close: (raw: bigint) => new Small("UInt32", Number(raw)),
  },
};

/** The operation on two values of that type, after promotion; undefined where the type has none such. */
export function arithmetic(
  id: NumericId,
  op: string,
  isChecked: boolean,
): ((a: unknown, b: unknown) => unknown) | undefined {
  const direct = (isChecked ? checked : plain)[id]?.[op];
  if (direct !== undefined) return direct as (a: unknown, b: unknown) => unknown;
  const around = wrapped[id];
  const inner = (isChecked ? around?.checked : around?.plain)?.[op] as
    | ((a: unknown, b: unknown) => unknown)
    | undefined;
  if (around === undefined || inner === undefined) return undefined;
  const open = around.open as (value: unknown) => unknown;
  const close = around.close as (raw: unknown) => unknown;
  if (/^[<>=!]/.test(op)) return (a, b) => inner(open(a), open(b));
  return (a, b) => close(inner(open(a), open(b)));
}

/** `<<` and `>>`: the count is masked to the width of the type. */
export function shift(id: NumericId, op: string): ((a: unknown, count: number) => unknown) | undefined {
  const isLeft = op === "<<";
  switch (id) {
    case "Int32":
      return isLeft ? (a, count) => (a as number) << count : (a, count) => (a as number) >> count;
    case "UInt32":
      return (a, count) => {
        const { value } = a as Small;
        return new Small("UInt32", isLeft ? (value << count) >>> 0 : value >>> count);
      };
    case "Int64":
      return (a, count) => shiftBig(a as bigint, count, isLeft, asLong);
    case "UInt64":
      return (a, count) => new ULong(shiftBig((a as ULong).value, count, isLeft, asULong));
    default:
      return undefined;
  }
}

function shiftBig(value: bigint, count: number, isLeft: boolean, wrap: (value: bigint) => bigint): bigint {
  const by = BigInt(count & 63);
  return isLeft ? wrap(value << by) : value >> by;
}
