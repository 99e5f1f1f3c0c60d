import type { Pattern } from "#notation/csharp/syntax/ast.ts";
import { CsharpProblem } from "#notation/csharp/syntax/problem.ts";
import { explicitConversion, implicitConversion } from "#notation/csharp/type/conversions.ts";
import { type CsType, show } from "#notation/csharp/type/cs-type.ts";
import { numericId } from "#notation/csharp/type/numeric.ts";
import { isInstance } from "#notation/csharp/type/runtime-type.ts";
import { equalValues } from "#notation/csharp/value/equality.ts";
import { arithmetic } from "./arithmetic.ts";
import type { Binder, BoundPattern } from "./binder.ts";
import { type Bound, type Frame, valueOf } from "./bound.ts";
import { emitInitialize } from "./locals.ts";

type Test = (frame: Frame, value: unknown) => boolean;

/** A pattern over a value of type `input`. */
export function bindPattern(binder: Binder, pattern: Pattern, input: CsType): BoundPattern {
  switch (pattern.kind) {
    case "discard":
      return { emit: () => () => true };
    case "var":
      return capture(binder, pattern.name, input, pattern.start, () => true);
    case "type":
      return typePattern(binder, pattern, input);
    case "constant":
      return constantPattern(binder, binder.value(pattern.value, input), input);
    case "relational":
      return relational(binder, pattern.op, binder.value(pattern.value, input), input);
    case "not": {
      const inner = bindPattern(binder, pattern.pattern, input);
      return { emit: () => negated(inner.emit()) };
    }
    case "and":
    case "or":
      return joined(pattern.kind, bindPattern(binder, pattern.left, input), bindPattern(binder, pattern.right, input));
    case "properties":
      return properties(binder, pattern, input);
  }
}

function negated(test: Test): Test {
  return (frame, value) => !test(frame, value);
}

function joined(kind: "and" | "or", left: BoundPattern, right: BoundPattern): BoundPattern {
  return {
    emit: () => {
      const a = left.emit();
      const b = right.emit();
      return kind === "and"
        ? (frame, value) => a(frame, value) && b(frame, value)
        : (frame, value) => a(frame, value) || b(frame, value);
    },
  };
}

function capture(binder: Binder, name: string | null, type: CsType, at: number, test: Test): BoundPattern {
  if (name === null) return { emit: () => test };
  const local = binder.declare(name, type, at);
  return {
    emit: () => {
      const set = emitInitialize(local);
      return (frame, value) => {
        if (!test(frame, value)) return false;
        set(frame, value);
        return true;
      };
    },
  };
}

function typePattern(binder: Binder, pattern: Extract<Pattern, { kind: "type" }>, input: CsType): BoundPattern {
  const type = typeOrConstant(binder, pattern, input);
  if ("emit" in type) return type;
  if (input.kind !== "dynamic" && input.kind !== "null" && explicitConversion(input, type, false) === undefined) {
    binder.fail(`'${show(input)}' is never '${show(type)}'`, pattern.start);
  }
  return capture(binder, pattern.name, type, pattern.start, (_frame, value) => isInstance(value, type));
}

/** `X.Y` may be a type or a constant of an enum; without a name behind it only binding can tell. */
function typeOrConstant(
  binder: Binder,
  { type, name, start, end }: Extract<Pattern, { kind: "type" }>,
  input: CsType,
): CsType | BoundPattern {
  try {
    return binder.resolve(type);
  } catch (error) {
    if (!(error instanceof CsharpProblem) || name !== null || type.kind !== "named") throw error;
    const [first, ...rest] = type.path;
    if (first === undefined || type.path.some((part) => part.args.length > 0)) throw error;
    let operand = binder.operand({ kind: "name", name: first.name, args: [], start, end });
    for (const part of rest) operand = binder.rules.member(binder, operand, part.name, [], start);
    return constantPattern(binder, binder.rules.settle(binder, operand, input), input);
  }
}

function constantPattern(binder: Binder, bound: Bound, input: CsType): BoundPattern {
  if (bound.constant === undefined) binder.fail("a constant is expected here", bound.at);
  if (bound.constant === null) return { emit: () => (_frame, value) => value === null || value === undefined };
  const conversion = implicitConversion(bound.type, input.kind === "nullable" ? input.of : input, bound.constant);
  if (conversion === undefined && input.kind !== "dynamic") {
    binder.fail(`'${show(bound.type)}' does not convert to '${show(input)}'`, bound.at);
  }
  const wanted =
    conversion === undefined || conversion.convert === null || conversion.kind === "user"
      ? bound.constant
      : conversion.convert(bound.constant);
  return { emit: () => (_frame, value) => equalValues(value, wanted) };
}

function relational(binder: Binder, op: string, bound: Bound, input: CsType): BoundPattern {
  const base = input.kind === "nullable" ? input.of : input;
  const isObject = numericId(base) === undefined;
  const id = numericId(isObject ? bound.type : base);
  const run = id === undefined ? undefined : arithmetic(id, op, false);
  if (id === undefined || run === undefined || bound.constant === undefined)
    return binder.fail("a number is expected here", bound.at);
  const type = binder.type(id);
  const wanted = binder.convert(bound, type).constant;
  return { emit: () => (_frame, value) => isInstance(value, type) && run(value, wanted) === true };
}

function properties(binder: Binder, pattern: Extract<Pattern, { kind: "properties" }>, input: CsType): BoundPattern {
  const type = pattern.type === null ? (input.kind === "nullable" ? input.of : input) : binder.resolve(pattern.type);
  const slot = binder.scope.owner.newSlot();
  const target = valueOf(type, pattern.start, () => (frame) => frame[slot]);
  const members = pattern.members.map((member) => {
    const operand = binder.rules.member(binder, target, member.name, [], pattern.start);
    const value = binder.rules.settle(binder, operand, null);
    return { value, pattern: bindPattern(binder, member.pattern, value.type) };
  });
  const whole: BoundPattern = {
    emit: () => {
      const tests = members.map((member) => ({ code: member.value.emit(), test: member.pattern.emit() }));
      return (frame, value) => {
        if (!isInstance(value, type)) return false;
        frame[slot] = value;
        return tests.every(({ code, test }) => test(frame, code(frame)));
      };
    },
  };
  if (pattern.name === null) return whole;
  const named = capture(binder, pattern.name, type, pattern.start, () => true);
  return joined("and", whole, named);
}
