import type { Expr } from "#notation/csharp/syntax/ast.ts";
import { explicitConversion, implicitConversion } from "#notation/csharp/type/conversions.ts";
import { type CsType, show } from "#notation/csharp/type/cs-type.ts";
import { numericId } from "#notation/csharp/type/numeric.ts";
import type { Binder } from "./binder.ts";
import { binaryOf } from "./bind-binary.ts";
import { type Bound, type Code, constantOf, type Frame, type Place, valueOf } from "./bound.ts";
import { emitInitialize } from "./locals.ts";
import { pairOf } from "./pair.ts";

type Assign = Extract<Expr, { kind: "assign" }>;

export function bindAssign(binder: Binder, { op, target, value, start }: Assign): Bound {
  if (op === "=" && target.kind === "name" && target.name === "_" && binder.scope.find("_") === undefined) {
    return binder.value(value);
  }
  if (op === "=" && (target.kind === "tuple" || target.kind === "declaration"))
    return deconstruct(binder, target, value, start);
  const left = binder.value(target);
  const place = placeOf(binder, left);
  if (op === "=") return store(place, binder.converted(value, left.type), left.type, start);
  if (op === "??=") return storeIfNull(binder, left, place, value, start);
  const right = binder.value(value);
  return update(binder, left, place, op.slice(0, -1), right, start);
}

function placeOf(binder: Binder, bound: Bound): Place {
  return bound.place ?? binder.fail("this cannot be assigned to", bound.at);
}

function store(place: Place, value: Bound, type: CsType, at: number): Bound {
  return valueOf(type, at, () => {
    const parts = place.parts();
    const code = value.emit();
    const { set } = place;
    if (parts.length === 0) {
      return (frame) => {
        const result = code(frame);
        set(frame, parts, result);
        return result;
      };
    }
    return (frame) => {
      const evaluated = parts.map((part) => part(frame));
      const result = code(frame);
      set(frame, evaluated, result);
      return result;
    };
  });
}

function storeIfNull(binder: Binder, left: Bound, place: Place, value: Expr, at: number): Bound {
  const { get, set } = place;
  if (get === undefined) return binder.fail("this cannot be read", at);
  const inner = left.type.kind === "nullable" ? left.type.of : left.type;
  const right = binder.converted(value, inner);
  return valueOf(left.type, at, () => {
    const parts = place.parts();
    const code = right.emit();
    return (frame) => {
      const evaluated = parts.map((part) => part(frame));
      const old = get(frame, evaluated);
      if (old !== null) return old;
      const result = code(frame);
      set(frame, evaluated, result);
      return result;
    };
  });
}

/** `x op= y` is `x = (T)(x op y)` with x evaluated once. */
function update(binder: Binder, left: Bound, place: Place, op: string, right: Bound, at: number): Bound {
  const { get, set } = place;
  if (get === undefined) return binder.fail("this cannot be read", at);
  // The old value stands in a slot while the operator runs.
  const slot = binder.scope.owner.newSlot();
  const old = valueOf(left.type, left.at, () => (frame) => frame[slot]);
  const result = narrowed(binder, binaryOf(binder, op, old, right, at), left.type);
  return valueOf(left.type, at, () => emitUpdate(place.parts(), get, set, slot, result.emit(), false));
}

function emitUpdate(
  parts: readonly Code[],
  get: NonNullable<Place["get"]>,
  set: Place["set"],
  slot: number,
  code: Code,
  givesOld: boolean,
): Code {
  return (frame: Frame) => {
    const evaluated = parts.length === 0 ? parts : parts.map((part) => part(frame));
    const old = get(frame, evaluated);
    frame[slot] = old;
    const result = code(frame);
    set(frame, evaluated, result);
    return givesOld ? old : result;
  };
}

function narrowed(binder: Binder, result: Bound, type: CsType): Bound {
  if (implicitConversion(result.type, type) !== undefined) return binder.convert(result, type);
  const conversion = explicitConversion(result.type, type, binder.isChecked);
  if (conversion === undefined || numericId(result.type) === undefined) {
    return binder.fail(`'${show(result.type)}' does not convert to '${show(type)}' here`, result.at);
  }
  const { convert } = conversion;
  return valueOf(type, result.at, () => {
    const code = result.emit();
    return convert === null ? code : (frame) => convert(code(frame));
  });
}

/** `x++` and the like. */
export function stepPlace(binder: Binder, target: Bound, op: string, givesOld: boolean, at: number): Bound {
  const place = placeOf(binder, target);
  const { get, set } = place;
  if (get === undefined) return binder.fail("this cannot be read", at);
  const slot = binder.scope.owner.newSlot();
  const old = valueOf(target.type, at, () => (frame) => frame[slot]);
  const one = constantOf(binder.type("Int32"), at, 1);
  const result = narrowed(binder, binaryOf(binder, op, old, one, at), target.type);
  return valueOf(target.type, at, () => emitUpdate(place.parts(), get, set, slot, result.emit(), givesOld));
}

/** `var (a, b) = …`, `(a, b) = …` */
function deconstruct(binder: Binder, target: Expr, value: Expr, at: number): Bound {
  const right = binder.value(value);
  const count =
    target.kind === "tuple" ? target.elements.length : target.kind === "declaration" ? target.names.length : 0;
  const pair = pairOf(binder, right, count);
  if (pair === undefined) return binder.fail(`'${show(right.type)}' cannot be taken apart into ${count} parts`, at);
  const setters = Array.from({ length: count }, (_, index) =>
    partSetter(binder, target, index, pair.types[index] as CsType),
  );
  return valueOf(right.type, at, () => {
    const code = right.emit();
    const emitted = setters.map((setter) => setter());
    return (frame) => {
      const whole = code(frame);
      const items = pair.split(whole);
      for (const [index, set] of emitted.entries()) set(frame, items[index]);
      return whole;
    };
  });
}

function partSetter(
  binder: Binder,
  target: Expr,
  index: number,
  type: CsType,
): () => (frame: Frame, value: unknown) => void {
  if (target.kind === "declaration") return declareSetter(binder, target.names[index] ?? null, type, target.start);
  const element = target.kind === "tuple" ? target.elements[index]?.value : undefined;
  if (element === undefined) return binder.fail("this cannot be taken apart", target.start);
  if (element.kind === "declaration") return declareSetter(binder, element.names[0] ?? null, type, element.start);
  if (element.kind === "name" && element.name === "_" && binder.scope.find("_") === undefined)
    return () => () => undefined;
  const bound = binder.value(element);
  const place = placeOf(binder, bound);
  const conversion = implicitConversion(type, bound.type);
  if (conversion === undefined)
    return binder.fail(`'${show(type)}' does not convert to '${show(bound.type)}'`, element.start);
  return () => {
    const parts = place.parts();
    return (frame, value) =>
      place.set(
        frame,
        parts.map((part) => part(frame)),
        conversion.convert?.(value) ?? value,
      );
  };
}

function declareSetter(
  binder: Binder,
  name: string | null,
  type: CsType,
  at: number,
): () => (frame: Frame, value: unknown) => void {
  if (name === null) return () => () => undefined;
  const local = binder.declare(name, type, at);
  return () => emitInitialize(local);
}
