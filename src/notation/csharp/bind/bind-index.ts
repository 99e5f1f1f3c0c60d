import type { Argument as ArgumentSyntax } from "#notation/csharp/syntax/ast.ts";
import { CsharpProblem } from "#notation/csharp/syntax/problem.ts";
import { JToken } from "#notation/csharp/json/token.ts";
import { demand } from "#notation/csharp/net/interfaces.ts";
import {
  arrayOf,
  type CsType,
  dynamicType,
  isNamed,
  isValueType,
  show,
  substitute,
} from "#notation/csharp/type/cs-type.ts";
import { indexOutOfRange } from "#notation/csharp/value/net-exception.ts";
import type { NetArray } from "#notation/csharp/value/net-array.ts";
import { charAt } from "#notation/csharp/value/char.ts";
import type { DictionaryLike } from "#notation/csharp/value/dictionary-like.ts";
import { itemAt } from "#notation/csharp/value/list-like.ts";
import { byteOf } from "#notation/csharp/value/numbers.ts";
import { rawNumber } from "#notation/csharp/type/numeric.ts";
import { bindArguments } from "./arguments.ts";
import type { Binder } from "./binder.ts";
import { type Bound, type Code, type Place, valueOf } from "./bound.ts";
import { emitApplicable } from "./call.ts";
import { notNull } from "./invoke.ts";
import { membersOf } from "./lookup.ts";
import { resolveOverload } from "./overload.ts";

/** `target[args]` */
export function bindIndex(binder: Binder, target: Bound, syntax: readonly ArgumentSyntax[], at: number): Bound {
  const { type } = target;
  if (type.kind === "dynamic")
    return dynamicIndex(
      target,
      syntax.map((argument) => binder.value(argument.value)),
      at,
    );
  if (type.kind === "array") return arrayElement(binder, target, type, syntax, at);
  const getters = membersOf(binder, type, "this[]");
  const setters = membersOf(binder, type, "this[]", "setters");
  const args = bindArguments(binder, syntax);
  const getter = resolveOverload(binder, getters.length > 0 ? getters : setters, args, []);
  if (getter === undefined) return binder.fail(`'${show(type)}' cannot be indexed`, at);
  if (getter instanceof CsharpProblem) throw getter;
  const value = emitApplicable(binder, getter, args, target, at);
  const setter = resolveOverload(binder, setters, args, []);
  if (setter === undefined || setter instanceof CsharpProblem) return value;
  const converted = args.map((argument, index) => {
    const expected = setter.types[index] as CsType;
    const bound =
      argument.operand.kind === "value" ? argument.operand : binder.rules.settle(binder, argument.operand, expected);
    return binder.convert(bound, expected);
  });
  const get = getter.mapping.member.run as unknown as (...values: unknown[]) => unknown;
  const set = setter.mapping.member.run as unknown as (...values: unknown[]) => void;
  const place: Place = {
    parts: () => [
      isValueType(type) ? target.emit() : notNull(target.emit()),
      ...converted.map((bound) => bound.emit()),
    ],
    get: (_frame, parts) => get(...parts),
    set: (_frame, parts, next) => set(...parts, next),
  };
  return { ...value, type: substitute(getter.mapping.member.returns, getter.bindings), place };
}

/** `value[key]` of a value whose type is only known when it runs. */
function dynamicIndex(target: Bound, args: readonly Bound[], at: number): Bound {
  return valueOf(dynamicType, at, () => {
    const self = notNull(target.emit());
    const [index] = args.map((arg) => arg.emit());
    return (frame) => {
      const value = self(frame);
      const key = index?.(frame);
      if (value instanceof JToken) return value.child(typeof key === "bigint" ? Number(key) : key);
      if (typeof value === "object" && value !== null && "find" in value) return demand(value as DictionaryLike, key);
      return typeof value === "string" ? charAt(value, Number(key)) : itemAt(value, Number(key));
    };
  });
}

function arrayElement(
  binder: Binder,
  target: Bound,
  type: Extract<CsType, { kind: "array" }>,
  syntax: readonly ArgumentSyntax[],
  at: number,
): Bound {
  if (syntax.length !== type.rank) binder.fail(`this array takes ${type.rank} indexes`, at);
  const [first, second] = syntax.map((argument) => asIndex(binder, binder.value(argument.value)));
  if (second !== undefined) {
    const row = arrayElement(binder, target, { ...type, ...arrayShape(type.element) }, syntax.slice(0, 1), at);
    return arrayElement(binder, row, { ...type, rank: 1 }, syntax.slice(1), at);
  }
  const isBytes = isNamed(type.element, "Byte");
  const get = isBytes ? getByte : getItem;
  const set = isBytes ? setByte : setItem;
  const emit = (): Code => {
    const array = notNull(target.emit());
    const index = (first as Bound).emit();
    return (frame) => get(array(frame), index(frame) as number);
  };
  return {
    ...valueOf(type.element, at, emit),
    place: {
      parts: () => [notNull(target.emit()), (first as Bound).emit()],
      get: (_frame, [array, index]) => get(array, index as number),
      set: (_frame, [array, index], value) => set(array, index as number, value),
    },
  };
}

function arrayShape(element: CsType): Extract<CsType, { kind: "array" }> {
  return arrayOf(arrayOf(element)) as Extract<CsType, { kind: "array" }>;
}

function asIndex(binder: Binder, bound: Bound): Bound {
  if (isNamed(bound.type, "Int64")) {
    return valueOf(binder.type("Int32"), bound.at, () => {
      const code = bound.emit();
      return (frame) => Number(code(frame) as bigint);
    });
  }
  return binder.convert(bound, binder.type("Int32"));
}

function getByte(array: unknown, index: number): unknown {
  const value = (array as Uint8Array)[index];
  if (value === undefined) throw indexOutOfRange();
  return byteOf(value);
}

function setByte(array: unknown, index: number, value: unknown): void {
  const bytes = array as Uint8Array;
  if (index < 0 || index >= bytes.length) throw indexOutOfRange();
  bytes[index] = rawNumber(value) as number;
}

function getItem(array: unknown, index: number): unknown {
  return (array as NetArray).get(index);
}

function setItem(array: unknown, index: number, value: unknown): void {
  (array as NetArray).set(index, value);
}
