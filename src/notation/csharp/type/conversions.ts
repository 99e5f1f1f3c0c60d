import { EnumValue } from "#notation/csharp/value/enum-value.ts";
import { invalidCast, invalidOperation, NetException } from "#notation/csharp/value/net-exception.ts";
import { TupleValue } from "#notation/csharp/value/tuple.ts";
import { type CsType, isValueType, nullable, same, show } from "./cs-type.ts";
import { fitsIn, type NumericId, numericId, rawNumber, toNumeric, widens } from "./numeric.ts";
import { isInstance, lookupOf, typeOfValue } from "./runtime-type.ts";
import { isSubtype, supertypes } from "./subtype.ts";
import type { MemberDef } from "./type-def.ts";

/** How a value of one type becomes one of another; null: it already is one. */
export type Convert = ((value: unknown) => unknown) | null;

export interface Conversion {
  readonly convert: Convert;
  readonly kind: "identity" | "numeric" | "reference" | "nullable" | "constant" | "user" | "null" | "tuple";
}

const asIs = (kind: Conversion["kind"]): Conversion => ({ convert: null, kind });
const identity = asIs("identity");
const reference = asIs("reference");
const fromNull = asIs("null");

/** The implicit conversion, or undefined. `constant` is the value where the compiler knows it. */
export function implicitConversion(from: CsType, to: CsType, constant?: unknown): Conversion | undefined {
  if (same(from, to) || from.kind === "dynamic") return from.kind === "dynamic" ? fromDynamic(to) : identity;
  if (from.kind === "null")
    return isValueType(to) && to.kind !== "nullable" ? userConversion(from, to, false) : fromNull;
  if (to.kind === "nullable") return toNullable(from, to.of, constant);
  const numbers = numericConversion(from, to, constant);
  if (numbers !== undefined) return numbers;
  if (from.kind === "tuple" && to.kind === "tuple") return tupleConversion(from, to);
  if (isSubtype(from, to)) return reference;
  return userConversion(from, to, false);
}

function fromDynamic(to: CsType): Conversion {
  return to.kind === "dynamic" ? identity : { kind: "reference", convert: castAtRunTime(to) };
}

/** A cast of a value whose type is only known now. */
function castAtRunTime(to: CsType): (value: unknown) => unknown {
  return (value) => {
    const via = lookupOf(to);
    if (via === undefined || isInstance(value, to)) return value;
    const found = explicitConversion(typeOfValue(value, via), to, false);
    if (found === undefined) throw invalidCast(show(typeOfValue(value, via)), show(to));
    return found.convert === null ? value : found.convert(value);
  };
}

function toNullable(from: CsType, to: CsType, constant: unknown): Conversion | undefined {
  const inner = implicitConversion(from.kind === "nullable" ? from.of : from, to, constant);
  if (inner === undefined || (from.kind !== "nullable" && inner.kind === "null")) return undefined;
  return { kind: inner.kind === "user" ? "user" : "nullable", convert: lifted(inner.convert) };
}

function lifted(convert: Convert): Convert {
  return convert === null ? null : (value) => (value === null ? null : convert(value));
}

function numericConversion(from: CsType, to: CsType, constant: unknown): Conversion | undefined {
  const source = numericId(from);
  const target = numericId(to);
  if (to.kind === "named" && to.def.kind === "enum" && constant === 0) {
    return { kind: "constant", convert: () => new EnumValue(to.def, 0) };
  }
  if (source === undefined || target === undefined) return undefined;
  if (widens(source, target)) return { kind: "numeric", convert: numeric(target, false) };
  // A constant int converts to any integer type that holds it.
  if (typeof constant !== "number" && typeof constant !== "bigint") return undefined;
  if (source !== "Int32" && !(source === "Int64" && target === "UInt64")) return undefined;
  if (["Char", "Single", "Double", "Decimal"].includes(target) || !fitsIn(BigInt(constant), target)) return undefined;
  return { kind: "constant", convert: numeric(target, false) };
}

export function numeric(target: NumericId, isChecked: boolean): (value: unknown) => unknown {
  if (target === "Int64")
    return (value) => (typeof value === "number" ? BigInt(value) : convertRaw(value, target, isChecked));
  return (value) => convertRaw(value, target, isChecked);
}

function convertRaw(value: unknown, target: NumericId, isChecked: boolean): unknown {
  const raw = rawNumber(value);
  if (raw === undefined) throw invalidCast("Object", target);
  return toNumeric(raw, target, isChecked);
}

function tupleConversion(
  from: Extract<CsType, { kind: "tuple" }>,
  to: Extract<CsType, { kind: "tuple" }>,
): Conversion | undefined {
  if (from.elements.length !== to.elements.length) return undefined;
  const each = from.elements.map((element, index) => implicitConversion(element, to.elements[index] as CsType));
  if (each.some((conversion) => conversion === undefined)) return undefined;
  const convert = (value: unknown): unknown =>
    new TupleValue((value as TupleValue).items.map((item, index) => each[index]?.convert?.(item) ?? item));
  return { kind: "tuple", convert: each.every((conversion) => conversion?.convert === null) ? null : convert };
}

/** `implicit` and `explicit` operators of either type (C# 7, §10.5), with standard conversions around them. */
function userConversion(from: CsType, to: CsType, isExplicit: boolean): Conversion | undefined {
  const candidates = conversionOperators(from, to, isExplicit);
  const found =
    candidates.find(({ operator, source }) => same(operator.returns, to) && same(source, from)) ??
    candidates.find(({ operator }) => same(operator.returns, to)) ??
    candidates.find(({ source }) => same(source, from)) ??
    candidates[0];
  if (found === undefined) return undefined;
  const { operator, before, after } = found;
  const run = operator.run as (value: unknown) => unknown;
  const convert = (value: unknown): unknown => {
    const result = run(before === null ? value : before(value));
    return after === null ? result : after(result);
  };
  return { kind: "user", convert };
}

interface Operator {
  readonly operator: MemberDef;
  readonly source: CsType;
  readonly before: Convert;
  readonly after: Convert;
}

function conversionOperators(from: CsType, to: CsType, isExplicit: boolean): readonly Operator[] {
  const owners = [...supertypes(from), ...supertypes(to)].filter((type) => type.def.table.operators !== undefined);
  const found: Operator[] = [];
  for (const { def } of owners) {
    const all = [...def.operators("implicit"), ...(isExplicit ? def.operators("explicit") : [])];
    for (const operator of all) {
      const source = operator.parameters[0]?.type;
      if (source === undefined) continue;
      const before = standard(from, source, isExplicit);
      const after = standard(operator.returns, to, isExplicit);
      if (before !== undefined && after !== undefined) {
        found.push({ operator, source, before: before.convert, after: after.convert });
      }
    }
  }
  return found;
}

/** A conversion that no type has defined. */
function standard(from: CsType, to: CsType, isExplicit: boolean): Conversion | undefined {
  if (same(from, to)) return identity;
  if (from.kind === "null") return isValueType(to) && to.kind !== "nullable" ? undefined : fromNull;
  if (isSubtype(from, to)) return reference;
  const numbers = numericConversion(from, nullableBase(to), undefined);
  if (numbers !== undefined) return numbers;
  if (!isExplicit) return undefined;
  const source = numericId(nullableBase(from));
  const target = numericId(nullableBase(to));
  if (source !== undefined && target !== undefined) return { kind: "numeric", convert: lifted(numeric(target, false)) };
  return undefined;
}

function nullableBase(type: CsType): CsType {
  return type.kind === "nullable" ? type.of : type;
}

/** What `(T)value` does, or undefined where C# has no such cast. */
export function explicitConversion(from: CsType, to: CsType, isChecked: boolean): Conversion | undefined {
  const implicit = implicitConversion(from, to);
  if (implicit !== undefined) return implicit;
  const source = nullableBase(from);
  const target = nullableBase(to);
  const inner = explicitNumeric(source, target, isChecked);
  if (inner !== undefined) {
    return { kind: "numeric", convert: to.kind === "nullable" ? lifted(inner) : demanding(from, inner) };
  }
  if (from.kind === "nullable" && same(source, target)) return { kind: "nullable", convert: demanding(from, null) };
  const user = userConversion(from, to, true) ?? liftedUser(from, to);
  if (user !== undefined) return user;
  if (isSubtype(target, source) || isInterfaceCast(source, target)) {
    return { kind: "reference", convert: unboxing(to) };
  }
  return undefined;
}

function liftedUser(from: CsType, to: CsType): Conversion | undefined {
  if (to.kind !== "nullable" || isSubtype(from, to.of)) return undefined;
  const found = userConversion(nullableBase(from), to.of, true);
  return found === undefined ? undefined : { kind: "user", convert: lifted(found.convert) };
}

function isInterface(type: CsType): boolean {
  return type.kind === "named" && type.def.kind === "interface";
}

/** No type can have it for a base. */
function isSealed(type: CsType): boolean {
  return type.kind === "array" || isValueType(type) || (type.kind === "named" && type.def.id === "String");
}

/** Interfaces may be met by a subclass. */
function isInterfaceCast(from: CsType, to: CsType): boolean {
  if (isInterface(from) && !isSealed(to)) return true;
  if (isInterface(from)) return isSubtype(to, from);
  return isInterface(to) && !isSealed(from);
}

function explicitNumeric(from: CsType, to: CsType, isChecked: boolean): ((value: unknown) => unknown) | undefined {
  const target = numericId(to);
  const isFromEnum = from.kind === "named" && from.def.kind === "enum";
  if (target !== undefined && (numericId(from) !== undefined || isFromEnum)) return numeric(target, isChecked);
  if (to.kind !== "named" || to.def.kind !== "enum" || (numericId(from) === undefined && !isFromEnum)) return undefined;
  return (value) => new EnumValue(to.def, Number(rawNumber(value)));
}

function demanding(from: CsType, convert: Convert): Convert {
  if (from.kind !== "nullable") return convert;
  return (value) => {
    if (value === null) throw invalidOperation("Nullable object must have a value.");
    return convert === null ? value : convert(value);
  };
}

/** A downcast: exact for value types, so `(int)(object)5L` fails as it does in .NET. */
function unboxing(to: CsType): (value: unknown) => unknown {
  return (value) => {
    if (value === null || value === undefined) {
      if (!isValueType(to) || to.kind === "nullable") return null;
      throw new NetException("NullReferenceException", "Object reference not set to an instance of an object.");
    }
    if (isInstance(value, to)) return value;
    const via = lookupOf(to);
    throw invalidCast(via === undefined ? "Object" : show(typeOfValue(value, via)), show(to));
  };
}

/** The type that all of them convert to, if one of them is it; `nullable` where a null is among value types. */
export function commonType(
  types: readonly { readonly type: CsType; readonly constant?: unknown }[],
): CsType | undefined {
  const typed = types.filter(({ type }) => type.kind !== "null");
  const isNullable = typed.length < types.length;
  for (const { type } of typed) {
    if (typed.every((other) => implicitConversion(other.type, type, other.constant) !== undefined)) {
      return isNullable ? nullable(type) : type;
    }
  }
  return undefined;
}
