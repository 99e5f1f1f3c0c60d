import type { Expr } from "#notation/csharp/syntax/ast.ts";
import { commonType, implicitConversion } from "#notation/csharp/type/conversions.ts";
import { type CsType, isValueType, nullable, same, show } from "#notation/csharp/type/cs-type.ts";
import { type NumericId, numericId, rawNumber } from "#notation/csharp/type/numeric.ts";
import { isSubtype } from "#notation/csharp/type/subtype.ts";
import { EnumValue } from "#notation/csharp/value/enum-value.ts";
import { equalValues } from "#notation/csharp/value/equality.ts";
import { text } from "#notation/csharp/value/run.ts";
import { toText } from "#notation/csharp/value/to-text.ts";
import { arithmetic, shift } from "./arithmetic.ts";
import type { Binder } from "./binder.ts";
import { type Bound, type Candidate, type Code, constantOf, valueOf } from "./bound.ts";
import { emitInvoke } from "./invoke.ts";
import { membersOf } from "./lookup.ts";

type Binary = Extract<Expr, { kind: "binary" }>;

export function bindBinary(binder: Binder, syntax: Binary, expected: CsType | null): Bound {
  const { op } = syntax;
  if (op === "??") return coalesce(binder, syntax, expected);
  if (op === "&&" || op === "||") return logical(binder, syntax);
  return binaryOf(binder, op, binder.value(syntax.left), binder.value(syntax.right), syntax.start);
}

/** The operator over operands that are bound; compound assignment uses it too. */
export function binaryOf(binder: Binder, op: string, left: Bound, right: Bound, at: number): Bound {
  if (left.type.kind === "dynamic" || right.type.kind === "dynamic") {
    return binder.rules.dynamicBinary(binder, op, left, right, at);
  }
  const result =
    numericBinary(binder, op, left, right, at) ??
    // `XNamespace + string` is a name, not text: a type's own operator comes first.
    userBinary(binder, op, left, right, at) ??
    stringConcat(binder, op, left, right, at) ??
    boolBinary(binder, op, left, right, at) ??
    enumBinary(binder, op, left, right, at) ??
    delegateOrEquality(binder, op, left, right, at);
  if (result !== undefined) return folded(result, left, right);
  return binder.fail(`'${op}' does not go with '${show(left.type)}' and '${show(right.type)}'`, at);
}

/** Constants are computed now: a constant int may stand for a byte, and a label must be one. */
function folded(result: Bound, left: Bound, right: Bound): Bound {
  if (left.constant === undefined || right.constant === undefined || left.constant === null) return result;
  if (typeof left.constant === "object" && !(left.constant instanceof EnumValue)) return result;
  try {
    return constantOf(result.type, result.at, result.emit()([]));
  } catch {
    return result;
  }
}

/** The type that two numbers are promoted to (C# 7, §11.4.7). */
export function promoted(a: NumericId, b: NumericId): NumericId | undefined {
  const has = (id: NumericId): boolean => a === id || b === id;
  const other = (id: NumericId): NumericId => (a === id ? b : a);
  if (has("Decimal")) return ["Double", "Single"].includes(other("Decimal")) ? undefined : "Decimal";
  if (has("Double")) return "Double";
  if (has("Single")) return "Single";
  if (has("UInt64")) return ["SByte", "Int16", "Int32", "Int64"].includes(other("UInt64")) ? undefined : "UInt64";
  if (has("Int64")) return "Int64";
  if (has("UInt32")) return ["SByte", "Int16", "Int32"].includes(other("UInt32")) ? "Int64" : "UInt32";
  return "Int32";
}

function numericBinary(binder: Binder, op: string, left: Bound, right: Bound, at: number): Bound | undefined {
  const isLifted =
    left.type.kind === "nullable" ||
    right.type.kind === "nullable" ||
    left.type.kind === "null" ||
    right.type.kind === "null";
  const a = numericId(base(left.type));
  const b = numericId(base(right.type));
  if (a === undefined || b === undefined) {
    // `x == null` and `x + null` of a nullable number.
    const known = a ?? b;
    if (known === undefined || !isLifted || (left.type.kind !== "null" && right.type.kind !== "null")) return undefined;
    return nullCompare(binder, op, left, right, at);
  }
  if (op === "<<" || op === ">>") return shiftOf(binder, op, left, right, a, at);
  const id = promotedConstant(a, b, left, right) ?? promoted(a, b);
  const run = id === undefined ? undefined : arithmetic(id, op, binder.isChecked);
  if (id === undefined || run === undefined) return undefined;
  const type = binder.type(id);
  const result = /^[<>=!]/.test(op) ? binder.type("Boolean") : type;
  if (isLifted)
    return lifted(
      binder,
      op,
      binder.convert(left, nullable(type)),
      binder.convert(right, nullable(type)),
      run,
      result,
      at,
    );
  return valueOf(result, at, () => emitBinary(binder.convert(left, type), binder.convert(right, type), run, id, op));
}

/** A constant that is not negative counts as ulong or uint beside one. */
function promotedConstant(a: NumericId, b: NumericId, left: Bound, right: Bound): NumericId | undefined {
  const sides = [
    [a, b, right],
    [b, a, left],
  ] as const;
  for (const [id, other, { constant }] of sides) {
    const isNatural = (typeof constant === "number" || typeof constant === "bigint") && constant >= 0;
    if (
      isNatural &&
      ((id === "UInt64" && (other === "Int32" || other === "Int64")) || (id === "UInt32" && other === "Int32"))
    )
      return id;
  }
  return undefined;
}

function emitBinary(
  left: Bound,
  right: Bound,
  run: (a: unknown, b: unknown) => unknown,
  id: NumericId,
  op: string,
): Code {
  const a = left.emit();
  const b = right.emit();
  if (id === "Int32" && op === "==") return (frame) => a(frame) === b(frame);
  return (frame) => run(a(frame), b(frame));
}

function base(type: CsType): CsType {
  return type.kind === "nullable" ? type.of : type;
}

function shiftOf(binder: Binder, op: string, left: Bound, right: Bound, a: NumericId, at: number): Bound | undefined {
  const id = promoted(a, "SByte") ?? "UInt64";
  const run = shift(id === "UInt32" || a === "UInt32" ? (a === "UInt32" ? "UInt32" : id) : id, op);
  if (run === undefined) return undefined;
  const type = binder.type(a === "UInt32" || a === "UInt64" ? a : id);
  const value = binder.convert(left, type);
  const count = binder.convert(right, binder.type("Int32"));
  return valueOf(type, at, () => {
    const code = value.emit();
    const by = count.emit();
    return (frame) => run(code(frame), by(frame) as number);
  });
}

/** Over nullable operands: comparisons with null are false, arithmetic gives null (C# 7, §11.4.8). */
function lifted(
  _binder: Binder,
  op: string,
  left: Bound,
  right: Bound,
  run: (a: unknown, b: unknown) => unknown,
  result: CsType,
  at: number,
): Bound {
  const isEquality = op === "==" || op === "!=";
  const isComparison = /^[<>]=?$/.test(op);
  return valueOf(isEquality || isComparison ? result : nullable(result), at, () => {
    const a = left.emit();
    const b = right.emit();
    return (frame) => {
      const x = a(frame);
      const y = b(frame);
      if (x !== null && y !== null) return run(x, y);
      if (isEquality) return (x === y) === (op === "==");
      return isComparison ? false : null;
    };
  });
}

/** Either side is the literal null. */
function nullCompare(binder: Binder, op: string, left: Bound, right: Bound, at: number): Bound | undefined {
  const typed = left.type.kind === "null" ? right : left;
  if (op !== "==" && op !== "!=") {
    return constantLike(
      /^[<>]/.test(op) ? binder.type("Boolean") : nullable(typed.type),
      at,
      /^[<>]/.test(op) ? false : null,
    );
  }
  return isNull(binder, typed, op, at);
}

function constantLike(type: CsType, at: number, value: unknown): Bound {
  return valueOf(type, at, () => () => value);
}

function isNull(binder: Binder, bound: Bound, op: string, at: number): Bound {
  const wanted = op === "==";
  return valueOf(binder.type("Boolean"), at, () => {
    const code = bound.emit();
    return (frame) => {
      const value = code(frame);
      return (value === null || value === undefined) === wanted;
    };
  });
}

function stringConcat(binder: Binder, op: string, left: Bound, right: Bound, at: number): Bound | undefined {
  const string = binder.type("String");
  const isLeft = same(left.type, string);
  const isRight = same(right.type, string);
  if (op === "+" && (isLeft || isRight)) {
    if (left.type.kind === "void" || right.type.kind === "void") return undefined;
    return valueOf(string, at, () => {
      const a = left.emit();
      const b = right.emit();
      return (frame) => text(toText(a(frame)) + toText(b(frame)));
    });
  }
  if ((op !== "==" && op !== "!=") || !(isLeft || isRight)) return undefined;
  if (left.type.kind === "null" || right.type.kind === "null")
    return isNull(binder, left.type.kind === "null" ? right : left, op, at);
  if (!isLeft || !isRight) return undefined;
  const wanted = op === "==";
  return valueOf(binder.type("Boolean"), at, () => {
    const a = left.emit();
    const b = right.emit();
    return (frame) => (a(frame) === b(frame)) === wanted;
  });
}

const boolOperations: Readonly<Record<string, (a: unknown, b: unknown) => unknown>> = {
  "==": (a, b) => a === b,
  "!=": (a, b) => a !== b,
  "^": (a, b) => a !== b,
  "&": (a, b) => a === true && b === true,
  "|": (a, b) => a === true || b === true,
};

function boolBinary(binder: Binder, op: string, left: Bound, right: Bound, at: number): Bound | undefined {
  const bool = binder.type("Boolean");
  const run = boolOperations[op];
  const isBool = (bound: Bound): boolean => same(base(bound.type), bool);
  if (run === undefined || !(isBool(left) || isBool(right))) return undefined;
  const hasNull = left.type.kind === "null" || right.type.kind === "null";
  if (hasNull && op !== "&" && op !== "|") return nullCompare(binder, op, left, right, at);
  if (!hasNull && (!isBool(left) || !isBool(right))) return undefined;
  if (hasNull || left.type.kind === "nullable" || right.type.kind === "nullable") {
    if (op === "&" || op === "|") return threeValued(binder, op === "|", left, right, at);
    return lifted(
      binder,
      op,
      binder.convert(left, nullable(bool)),
      binder.convert(right, nullable(bool)),
      run,
      bool,
      at,
    );
  }
  return valueOf(bool, at, () => {
    const a = left.emit();
    const b = right.emit();
    return (frame) => run(a(frame), b(frame));
  });
}

/** Of `bool?`, one side alone may decide: `null & false` is false, `null | true` is true (C# 7, §11.4.8). */
function threeValued(binder: Binder, decides: boolean, left: Bound, right: Bound, at: number): Bound {
  const type = nullable(binder.type("Boolean"));
  const [first, second] = [binder.convert(left, type), binder.convert(right, type)];
  return valueOf(type, at, () => {
    const a = first.emit();
    const b = second.emit();
    return (frame) => {
      const [x, y] = [a(frame), b(frame)];
      if (x === decides || y === decides) return decides;
      return x === null || y === null ? null : !decides;
    };
  });
}

function enumBinary(binder: Binder, op: string, left: Bound, right: Bound, at: number): Bound | undefined {
  const isLeft = isEnum(base(left.type));
  const type = base((isLeft ? left : right).type);
  const other = isLeft ? right : left;
  if (!isEnum(type) || type.kind !== "named") return undefined;
  if (other.type.kind === "null") return nullCompare(binder, op, left, right, at);
  const isSame = same(base(other.type), type);
  const isNumber = (op === "+" || op === "-") && numericId(other.type) === "Int32";
  if (!isSame && other.constant !== 0 && !isNumber) return undefined;
  const run = arithmetic("Int32", op, false);
  if (run === undefined) return undefined;
  const isTest = /^[<>=!]/.test(op);
  const result = isTest ? binder.type("Boolean") : op === "-" && isSame ? binder.type("Int32") : type;
  const { def } = type;
  const combine = (a: unknown, b: unknown): unknown => {
    const value = run(rawNumber(a), rawNumber(b));
    return isTest || result !== type ? value : new EnumValue(def, value as number);
  };
  if (left.type.kind === "nullable" || right.type.kind === "nullable") {
    return lifted(binder, op, left, right, combine, result, at);
  }
  return valueOf(result, at, () => {
    const a = left.emit();
    const b = right.emit();
    return (frame) => combine(a(frame), b(frame));
  });
}

function isEnum(type: CsType): boolean {
  return type.kind === "named" && type.def.kind === "enum";
}

function userBinary(binder: Binder, op: string, left: Bound, right: Bound, at: number): Bound | undefined {
  const all = [
    ...membersOf(binder, base(left.type), op, "operators"),
    ...membersOf(binder, base(right.type), op, "operators"),
  ];
  const fitting = all.filter((candidate) => {
    const [a, b] = candidate.member.parameters;
    if (a === undefined || b === undefined) return false;
    return operandFits(left, a.type) && operandFits(right, b.type);
  });
  const exact = fitting.find(({ member }) =>
    member.parameters.every((parameter, index) => same(parameter.type, base((index === 0 ? left : right).type))),
  );
  const found = exact ?? fitting[0];
  return found === undefined ? undefined : callOperator(binder, op, found, left, right, at);
}

function operandFits(bound: Bound, type: CsType): boolean {
  if (bound.type.kind === "null") return true;
  return implicitConversion(base(bound.type), type, bound.constant) !== undefined;
}

function callOperator(
  binder: Binder,
  op: string,
  { member, bindings }: Candidate,
  left: Bound,
  right: Bound,
  at: number,
): Bound {
  const [a, b] = member.parameters.map((parameter) => parameter.type) as [CsType, CsType];
  const isLifted = [left, right].some(({ type }) => type.kind === "nullable" || type.kind === "null") && isValueType(a);
  if (isLifted) {
    const run = member.run as unknown as (x: unknown, y: unknown) => unknown;
    return lifted(
      binder,
      op,
      binder.convert(left, nullable(a)),
      binder.convert(right, nullable(b)),
      run,
      member.returns,
      at,
    );
  }
  const x = binder.convert(left, a);
  const y = binder.convert(right, b);
  return valueOf(member.returns, at, () => emitInvoke(member, bindings, null, [x.emit(), y.emit()], false));
}

/** `==` of references, and of anything with null. */
function delegateOrEquality(binder: Binder, op: string, left: Bound, right: Bound, at: number): Bound | undefined {
  if (op !== "==" && op !== "!=") return undefined;
  if (left.type.kind === "null" && right.type.kind === "null")
    return constantLike(binder.type("Boolean"), at, op === "==");
  if (right.type.kind === "null" || left.type.kind === "null") {
    const typed = right.type.kind === "null" ? left : right;
    if (isValueType(typed.type) && typed.type.kind !== "nullable") return undefined;
    return isNull(binder, typed, op, at);
  }
  if (left.type.kind === "tuple" && right.type.kind === "tuple") return valueEquality(binder, op, left, right, at);
  const isComparable = isSubtype(left.type, right.type) || isSubtype(right.type, left.type);
  const isDynamic = left.type.kind === "dynamic" || right.type.kind === "dynamic";
  if (isDynamic) return valueEquality(binder, op, left, right, at);
  if (!isComparable || isValueType(left.type) || isValueType(right.type)) return undefined;
  return referenceEquality(binder, op, left, right, at);
}

function valueEquality(binder: Binder, op: string, left: Bound, right: Bound, at: number): Bound {
  const wanted = op === "==";
  return valueOf(binder.type("Boolean"), at, () => {
    const a = left.emit();
    const b = right.emit();
    return (frame) => equalValues(a(frame), b(frame)) === wanted;
  });
}

/**
 * `object == object` compares references: a text is then not equal to another with the same letters, nor a boxed number
 * to one of the same value. Strings have no identity here, so they are never equal this way; in .NET two literals are.
 */
function referenceEquality(binder: Binder, op: string, left: Bound, right: Bound, at: number): Bound {
  const wanted = op === "==";
  return valueOf(binder.type("Boolean"), at, () => {
    const a = left.emit();
    const b = right.emit();
    return (frame) => {
      const value = a(frame);
      return (value === b(frame) && (typeof value === "object" || typeof value === "function")) === wanted;
    };
  });
}

function logical(binder: Binder, { op, left, right, start }: Binary): Bound {
  const bool = binder.type("Boolean");
  const a = condition(binder, binder.value(left, bool));
  const b = condition(binder, binder.value(right, bool));
  return valueOf(bool, start, () => {
    const first = a.emit();
    const second = b.emit();
    return op === "&&"
      ? (frame) => first(frame) === true && second(frame) === true
      : (frame) => first(frame) === true || second(frame) === true;
  });
}

/** A value where a bool is wanted. */
export function condition(binder: Binder, bound: Bound): Bound {
  return binder.convert(bound, binder.type("Boolean"));
}

function coalesce(binder: Binder, syntax: Binary, expected: CsType | null): Bound {
  const left = binder.value(syntax.left);
  const rightOperand = binder.operand(syntax.right);
  const inner = left.type.kind === "nullable" ? left.type.of : left.type;
  const right = binder.rules.settle(binder, rightOperand, inner.kind === "null" ? expected : inner);
  const type = coalesceType(left, right, inner);
  if (type === undefined)
    return binder.fail(`'??' does not go with '${show(left.type)}' and '${show(right.type)}'`, syntax.start);
  const a = binder.convert(
    left.type.kind === "nullable" && !isValueNullable(type) ? { ...left, type: inner } : left,
    type,
  );
  const b = binder.convert(right, type);
  return valueOf(type, syntax.start, () => {
    const raw = left.emit();
    const first = a === left ? raw : conversionOf(a, left);
    const second = b.emit();
    return (frame) => {
      const value = raw(frame);
      if (value === null || value === undefined) return second(frame);
      return first === raw ? value : first([value]);
    };
  });
}

function isValueNullable(type: CsType): boolean {
  return type.kind === "nullable";
}

/** The conversion alone, over a frame that holds nothing but the value. */
function conversionOf(converted: Bound, from: Bound): Code {
  const conversion =
    implicitConversion(from.type.kind === "nullable" ? from.type.of : from.type, converted.type)?.convert ?? null;
  return conversion === null ? (frame) => frame[0] : (frame) => conversion(frame[0]);
}

function coalesceType(left: Bound, right: Bound, inner: CsType): CsType | undefined {
  if (right.type.kind === "void") return undefined;
  if (left.type.kind === "null") return right.type;
  if (implicitConversion(right.type, inner, right.constant) !== undefined) return inner;
  if (implicitConversion(right.type, left.type, right.constant) !== undefined) return left.type;
  if (implicitConversion(inner, right.type) !== undefined) return right.type;
  return commonType([left, right]);
}
