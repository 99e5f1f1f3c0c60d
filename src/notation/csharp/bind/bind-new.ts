import type { ArrayItems, Expr, Initializer, MemberInit } from "#notation/csharp/syntax/ast.ts";
import { commonType } from "#notation/csharp/type/conversions.ts";
import { anonymousOf, arrayOf, type CsType, isNamed, show, tupleOf } from "#notation/csharp/type/cs-type.ts";
import { rawNumber } from "#notation/csharp/type/numeric.ts";
import { defaultOf } from "#notation/csharp/type/runtime-type.ts";
import { NetArray } from "#notation/csharp/value/net-array.ts";
import { overflow } from "#notation/csharp/value/net-exception.ts";
import { charge } from "#notation/csharp/value/run.ts";
import { AnonymousObject, TupleValue } from "#notation/csharp/value/tuple.ts";
import { bindArguments } from "./arguments.ts";
import type { Binder } from "./binder.ts";
import { type Bound, type Code, type Frame, valueOf } from "./bound.ts";
import { callGroup } from "./call.ts";

type New = Extract<Expr, { kind: "new" }>;

/** `new T(…) { … }` */
export function bindNew(binder: Binder, syntax: New, expected: CsType | null): Bound {
  const type = syntax.type === null ? expected : binder.resolve(syntax.type);
  if (type === null) return binder.fail("'new(…)' needs a type here", syntax.start);
  const made = binder.rules.construct(binder, type, syntax.args, syntax.start);
  return syntax.init === null ? made : initialized(binder, made, syntax.init);
}

/** What stands behind `new T(…)` runs over the object that was made. */
function initialized(binder: Binder, made: Bound, init: Initializer): Bound {
  const slot = binder.scope.owner.newSlot();
  const target = valueOf(made.type, made.at, () => (frame) => frame[slot]);
  const actions = initActions(binder, target, init);
  return valueOf(made.type, made.at, () => {
    const code = made.emit();
    const steps = actions.map((action) => action.emit());
    return (frame) => {
      // The slot is saved: the object may be made while another of the same place is.
      const before = frame[slot];
      const object = code(frame);
      frame[slot] = object;
      for (const run of steps) run(frame);
      frame[slot] = before;
      return object;
    };
  });
}

function initActions(binder: Binder, target: Bound, init: Initializer): Bound[] {
  if (init.kind === "items") return init.items.map((values) => addItem(binder, target, values));
  return init.members.flatMap((member) => memberActions(binder, target, member));
}

function addItem(binder: Binder, target: Bound, values: readonly Expr[]): Bound {
  const group = binder.rules.member(binder, target, "Add", [], target.at);
  if (group.kind !== "group") return binder.fail(`'${show(target.type)}' takes no items`, target.at);
  const args = values.map((value) => ({ name: null, modifier: null, value, start: value.start, end: value.end }));
  return callGroup(binder, group, bindArguments(binder, args));
}

function memberActions(binder: Binder, target: Bound, member: MemberInit): Bound[] {
  const place = memberPlace(binder, target, member);
  if ("kind" in member.value && (member.value.kind === "members" || member.value.kind === "items")) {
    return initActions(binder, place, member.value);
  }
  const set = place.place;
  if (set === undefined) return binder.fail(`'${member.name ?? "this"}' cannot be set`, member.start);
  const value = binder.converted(member.value as Expr, place.type);
  return [
    valueOf(place.type, member.start, () => {
      const parts = set.parts();
      const code = value.emit();
      return (frame: Frame) => {
        const at = parts.map((part) => part(frame));
        set.set(frame, at, code(frame));
      };
    }),
  ];
}

function memberPlace(binder: Binder, target: Bound, { name, index, start }: MemberInit): Bound {
  if (name !== null) return binder.rules.settle(binder, binder.rules.member(binder, target, name, [], start), null);
  const args = index.map((value) => ({ name: null, modifier: null, value, start: value.start, end: value.end }));
  return binder.rules.index(binder, target, args, start);
}

/** `new { a = 1, b.c }` */
export function bindAnonymous(binder: Binder, syntax: Extract<Expr, { kind: "anonymous" }>): Bound {
  const values = syntax.members.map(({ value }) => {
    const bound = binder.value(value);
    if (bound.type.kind === "null") binder.fail("null needs a type here: cast it", bound.at);
    return bound;
  });
  const names = syntax.members.map(({ name }) => name);
  const type = anonymousOf(names.map((name, index) => ({ name, type: (values[index] as Bound).type })));
  return valueOf(type, syntax.start, () => {
    const codes = values.map((value) => value.emit());
    return (frame) => {
      charge(16 * codes.length + 32);
      return new AnonymousObject(
        type,
        names,
        codes.map((code) => code(frame)),
      );
    };
  });
}

/** `new T[n]`, `new T[] { … }`, `new[] { … }` */
export function bindArray(binder: Binder, syntax: Extract<Expr, { kind: "new-array" }>): Bound {
  const declared = syntax.element === null ? null : binder.resolve(syntax.element);
  if (syntax.items !== null) return arrayItems(binder, syntax.items, declared, syntax.rank);
  const sizes = syntax.sizes.map((size) => asSize(binder, binder.value(size)));
  const element = declared ?? binder.type("Object");
  const type = arrayOf(element, syntax.rank);
  return valueOf(type, syntax.start, () => {
    const codes = sizes.map((size) => size.emit());
    return (frame) =>
      makeArray(
        element,
        codes.map((code) => Number(rawNumber(code(frame)))),
        0,
      );
  });
}

function asSize(binder: Binder, bound: Bound): Bound {
  return isNamed(bound.type, "Int64") ? bound : binder.convert(bound, binder.type("Int32"));
}

function makeArray(element: CsType, sizes: readonly number[], depth: number): unknown {
  const size = sizes[depth] ?? 0;
  if (size < 0) throw overflow("");
  const isBytes = isNamed(element, "Byte") && depth === sizes.length - 1;
  charge(size * (isBytes ? 1 : 16));
  if (isBytes) return new Uint8Array(size);
  const isLast = depth === sizes.length - 1;
  const items = Array.from({ length: size }, () =>
    isLast ? defaultOf(element) : makeArray(element, sizes, depth + 1),
  );
  return new NetArray(element, items);
}

/** `{ 1, 2 }` as an array of that element type, or of the type that all items have in common. */
export function arrayItems(binder: Binder, syntax: ArrayItems, declared: CsType | null, rank: number): Bound {
  const inner = rank > 1 ? declared : null;
  const items = syntax.items.map((item) => {
    if (item.kind === "array-items") return arrayItems(binder, item, inner, rank - 1);
    return binder.value(item, declared);
  });
  const element = (rank > 1 ? items[0]?.type : declared) ?? commonType(items);
  if (element === undefined) return binder.fail("the items have no type in common", syntax.start);
  const converted = items.map((item) => binder.convert(item, element));
  const type = rank > 1 && element.kind === "array" ? arrayOf(element.element, rank) : arrayOf(element);
  const isBytes = isNamed(element, "Byte");
  return valueOf(type, syntax.start, () => {
    const codes = converted.map((item) => item.emit());
    return (frame) => {
      charge(codes.length * 16);
      const values = codes.map((code) => code(frame));
      return isBytes ? Uint8Array.from(values, (value) => rawNumber(value) as number) : new NetArray(element, values);
    };
  });
}

/** `(1, name: "a")` */
export function bindTuple(binder: Binder, syntax: Extract<Expr, { kind: "tuple" }>, expected: CsType | null): Bound {
  const wanted = expected?.kind === "tuple" ? expected.elements : [];
  const items = syntax.elements.map((element, index) => binder.value(element.value, wanted[index] ?? null));
  const names = syntax.elements.map(
    ({ name, value }) => name ?? (value.kind === "name" || value.kind === "member" ? value.name : null),
  );
  const type = tupleOf(
    items.map((item, index) => (item.type.kind === "null" ? (wanted[index] ?? item.type) : item.type)),
    names,
  );
  return valueOf(type, syntax.start, () => {
    const codes = items.map((item): Code => item.emit());
    return (frame) => new TupleValue(codes.map((code) => code(frame)));
  });
}
