import type { Expr } from "#notation/csharp/syntax/ast.ts";
import { type CsType, nullable, same, show } from "#notation/csharp/type/cs-type.ts";
import { type NumericId, numericId } from "#notation/csharp/type/numeric.ts";
import { Decimal } from "#notation/csharp/value/decimal.ts";
import { EnumValue } from "#notation/csharp/value/enum-value.ts";
import { overflow } from "#notation/csharp/value/net-exception.ts";
import { Double, Single, Small, ULong } from "#notation/csharp/value/numbers.ts";
import type { Binder } from "./binder.ts";
import { type Bound, constantOf, valueOf } from "./bound.ts";
import { stepPlace } from "./bind-assign.ts";
import { membersOf } from "./lookup.ts";

type Unary = Extract<Expr, { kind: "unary" | "postfix" }>;

export function bindUnary(binder: Binder, { kind, op, operand, start }: Unary): Bound {
  const bound = binder.value(operand);
  if (op === "++" || op === "--") return stepPlace(binder, bound, op === "++" ? "+" : "-", kind === "postfix", start);
  const found =
    not(binder, op, bound, start) ?? numericUnary(binder, op, bound, start) ?? userUnary(binder, op, bound, start);
  if (found === undefined) return binder.fail(`'${op}' does not go with '${show(bound.type)}'`, start);
  if (bound.constant === undefined || bound.constant === null) return found;
  return constantOf(found.type, start, found.emit()([]));
}

function not(binder: Binder, op: string, bound: Bound, at: number): Bound | undefined {
  const bool = binder.type("Boolean");
  const isLifted = bound.type.kind === "nullable" && same(bound.type.of, bool);
  if (op !== "!" || !(same(bound.type, bool) || isLifted || bound.type.kind === "dynamic")) return undefined;
  return valueOf(isLifted ? bound.type : bool, at, () => {
    const code = bound.emit();
    return (frame) => {
      const value = code(frame);
      return value === null ? null : value !== true;
    };
  });
}

function numericUnary(binder: Binder, op: string, bound: Bound, at: number): Bound | undefined {
  const base = bound.type.kind === "nullable" ? bound.type.of : bound.type;
  const given = numericId(base);
  if (op === "~" && base.kind === "named" && base.def.kind === "enum") {
    return valueOf(base, at, () => {
      const code = bound.emit();
      return (frame) => new EnumValue(base.def, ~(code(frame) as EnumValue).value);
    });
  }
  if (given === undefined) return undefined;
  const id = promotedUnary(given, op);
  const run = operations(op, binder.isChecked)[id];
  if (run === undefined) return undefined;
  const type: CsType = bound.type.kind === "nullable" ? nullable(binder.type(id)) : binder.type(id);
  const operand = binder.convert(bound, type);
  return valueOf(type, at, () => {
    const code = operand.emit();
    return (frame) => {
      const value = code(frame);
      return value === null ? null : run(value as never);
    };
  });
}

function promotedUnary(id: NumericId, op: string): NumericId {
  if (id === "UInt32") return op === "-" ? "Int64" : id;
  return ["SByte", "Byte", "Int16", "UInt16", "Char"].includes(id) ? "Int32" : id;
}

type Operations = Readonly<Partial<Record<NumericId, (value: never) => unknown>>>;

function operations(op: string, isChecked: boolean): Operations {
  if (op === "-") return isChecked ? { ...negate, Int32: checkedNegate } : negate;
  if (op === "+") return identity;
  return op === "~" ? complement : {};
}

const negate: Operations = {
  Int32: (value: number) => -value | 0,
  Int64: (value: bigint) => BigInt.asIntN(64, -value),
  Double: (value: Double) => new Double(-value.value),
  Single: (value: Single) => new Single(-value.value),
  Decimal: (value: Decimal) => new Decimal(-value.units, value.scale),
};

function checkedNegate(value: number): number {
  if (value === -2147483648) throw overflow("");
  return -value | 0;
}

const same1 = (value: unknown): unknown => value;
const identity: Operations = {
  Int32: same1,
  UInt32: same1,
  Int64: same1,
  UInt64: same1,
  Double: same1,
  Single: same1,
  Decimal: same1,
};

const complement: Operations = {
  Int32: (value: number) => ~value,
  UInt32: (value: Small) => new Small("UInt32", ~value.value >>> 0),
  Int64: (value: bigint) => ~value,
  UInt64: (value: ULong) => new ULong(BigInt.asUintN(64, ~value.value)),
};

function userUnary(binder: Binder, op: string, bound: Bound, at: number): Bound | undefined {
  const found = membersOf(binder, bound.type, op, "operators").find(({ member }) => member.parameters.length === 1);
  if (found === undefined) return undefined;
  const run = found.member.run as unknown as (value: unknown) => unknown;
  return valueOf(found.member.returns, at, () => {
    const code = bound.emit();
    return (frame) => run(code(frame));
  });
}
