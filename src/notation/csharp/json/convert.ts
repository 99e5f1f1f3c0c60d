import { type CsType, show } from "#notation/csharp/type/cs-type.ts";
import { type NumericId, numericId, rawNumber, toNumeric } from "#notation/csharp/type/numeric.ts";
import { defaultOf, isInstance } from "#notation/csharp/type/runtime-type.ts";
import { instanceOf } from "#notation/csharp/type/subtype.ts";
import { charAt } from "#notation/csharp/value/char.ts";
import { DateTime, DateTimeOffset, kinds } from "#notation/csharp/value/date-time.ts";
import { Decimal } from "#notation/csharp/value/decimal.ts";
import { EnumValue } from "#notation/csharp/value/enum-value.ts";
import { parseGuid } from "#notation/csharp/value/guid.ts";
import { NetArray } from "#notation/csharp/value/net-array.ts";
import { NetDictionary } from "#notation/csharp/value/net-dictionary.ts";
import { argument, badFormat, invalidCast, NetException } from "#notation/csharp/value/net-exception.ts";
import { NetList } from "#notation/csharp/value/net-list.ts";
import { NetSet } from "#notation/csharp/value/net-set.ts";
import { asDateTime, asDateTimeOffset, notADate, readDate } from "#notation/csharp/value/parse-date.ts";
import { parseNumber } from "#notation/csharp/value/parse-number.ts";
import { parseTimeSpan } from "#notation/csharp/value/time-span.ts";
import { toText } from "#notation/csharp/value/to-text.ts";
import { Uri } from "#notation/csharp/value/uri.ts";
import { roundTo } from "#notation/csharp/value/round.ts";
import { JArray, JObject, JProperty, type JToken, JValue } from "./token.ts";

/** `(T)token` for a scalar type, `token.Value<T>()`, `token.ToObject<T>()`. */
export function tokenAs(type: CsType, token: JToken | null): unknown {
  if (type.kind === "nullable") return isNothing(token) ? null : tokenAs(type.of, token);
  if (token === null) return defaultOf(type);
  if (isInstance(token, type) && !(type.kind === "named" && type.def.id === "Object")) return token;
  if (type.kind === "dynamic" || (type.kind === "named" && type.def.id === "Object"))
    return token instanceof JValue ? token.value : token;
  if (token instanceof JProperty) return tokenAs(type, token.value);
  if (token instanceof JValue) return scalarAs(type, token.value, token);
  return containerAs(type, token);
}

function isNothing(token: JToken | null): boolean {
  return token === null || (token instanceof JValue && token.value === null);
}

function cannot(token: JToken, type: CsType): Error {
  const kind = names[token.tokenType] ?? "Object";
  return argument(`Can not convert ${kind} to ${numericId(type) ?? show(type)}.`);
}

const names: Readonly<Record<number, string>> = {
  1: "Object",
  2: "Array",
  6: "Integer",
  7: "Float",
  8: "String",
  9: "Boolean",
  10: "Null",
  12: "Date",
  14: "Bytes",
  15: "Guid",
  16: "Uri",
  17: "TimeSpan",
};

function scalarAs(type: CsType, value: unknown, token: JToken): unknown {
  const number = numericId(type);
  if (number !== undefined) return numberAs(number, value, () => cannot(token, type));
  if (type.kind === "array" && type.element.key === "Byte") return bytesOf(value, token, type);
  if (type.kind !== "named") throw cannot(token, type);
  if (value === null) {
    if (type.def.kind === "class" || type.def.kind === "interface") return null;
    throw cannot(token, type);
  }
  switch (type.def.id) {
    case "String":
      return scalarText(value);
    case "Boolean":
      return booleanOf(value, token, type);
    case "DateTime":
      return dateOf(value);
    case "DateTimeOffset":
      return offsetOf(value);
    case "Guid":
      return typeof value === "string" ? parseGuid(value) : exactly(value, "Guid", token, type);
    case "TimeSpan":
      return typeof value === "string" ? parseTimeSpan(value) : exactly(value, "TimeSpan", token, type);
    case "Uri":
      return new Uri(toText(value), false);
    default:
      return type.def.kind === "enum" ? enumOf(type, value) : refuse(token, type);
  }
}

function refuse(token: JToken, type: CsType): never {
  if (token instanceof JValue) throw cannot(token, type);
  throw invalidCast(`Newtonsoft.Json.Linq.${token.netType}`, show(type));
}

/** As Convert.ToString has it under the invariant culture. */
function scalarText(value: unknown): string {
  return value instanceof Uint8Array ? Buffer.from(value).toString("base64") : toText(value);
}

function exactly(value: unknown, netType: string, token: JToken, type: CsType): unknown {
  if ((value as { netType?: string }).netType !== netType) throw cannot(token, type);
  return value;
}

/** Convert.ToInt32 and its like: half to even, and a range check. */
export function numberAs(id: NumericId, value: unknown, fail: () => Error): unknown {
  if (typeof value === "boolean") return toNumeric(value ? 1 : 0, id, true);
  if (typeof value === "string") {
    if (id === "Char")
      return value.length === 1 ? charAt(value, 0) : failWith(badFormat("String must be exactly one character long."));
    return parseNumber(value, id);
  }
  const raw = rawNumber(value);
  if (raw === undefined || value === null) throw fail();
  return convertNumber(id, raw);
}

function failWith(error: Error): never {
  throw error;
}

export function convertNumber(id: NumericId, raw: number | bigint | Decimal): unknown {
  if (id === "Double" || id === "Single" || id === "Decimal") return toNumeric(raw, id, true);
  if (typeof raw === "number") return toNumeric(roundTo(raw, 0, "even"), id, true);
  return toNumeric(raw instanceof Decimal ? roundedDecimal(raw) : raw, id, true);
}

function roundedDecimal(value: Decimal): bigint {
  const by = 10n ** BigInt(value.scale);
  const quotient = value.units / by;
  const twice = (value.units % by) * 2n;
  const size = twice < 0n ? -twice : twice;
  if (size > by || (size === by && quotient % 2n !== 0n)) return quotient + (value.units < 0n ? -1n : 1n);
  return quotient;
}

function booleanOf(value: unknown, token: JToken, type: CsType): boolean {
  if (typeof value === "boolean") return value;
  if (typeof value === "string") {
    const text = value.trim().toLowerCase();
    if (text === "true" || text === "false") return text === "true";
    throw badFormat(`String '${value}' was not recognized as a valid Boolean.`);
  }
  const raw = rawNumber(value);
  if (raw === undefined) throw cannot(token, type);
  return typeof raw === "object" ? raw.units !== 0n : raw !== 0 && raw !== 0n;
}

function dateOf(value: unknown): DateTime {
  if (value instanceof DateTime) return value;
  if (value instanceof DateTimeOffset) return new DateTime(value.ticks, kinds.unspecified);
  const read = readDate(toText(value));
  if (read === undefined) throw notADate(toText(value));
  return asDateTime(read, 128);
}

function offsetOf(value: unknown): DateTimeOffset {
  if (value instanceof DateTimeOffset) return value;
  if (value instanceof DateTime) return new DateTimeOffset(value.ticks, 0);
  const read = readDate(toText(value));
  if (read === undefined) throw notADate(toText(value));
  return asDateTimeOffset(read, 0);
}

function enumOf(type: Extract<CsType, { kind: "named" }>, value: unknown): EnumValue {
  const { values = {} } = type.def.table;
  const raw = rawNumber(value);
  if (raw !== undefined) return new EnumValue(type.def, Number(raw));
  const key = Object.keys(values).find((name) => name.toLowerCase() === toText(value).toLowerCase());
  if (key === undefined) throw argument(`Requested value '${toText(value)}' was not found.`);
  return new EnumValue(type.def, values[key] ?? 0);
}

function bytesOf(value: unknown, token: JToken, type: CsType): Uint8Array | null {
  if (value === null) return null;
  if (value instanceof Uint8Array) return value;
  if (typeof value === "string") return new Uint8Array(Buffer.from(value, "base64"));
  throw cannot(token, type);
}

/** Arrays, lists and dictionaries of a JSON array or object. */
function containerAs(type: CsType, token: JToken): unknown {
  if (type.kind === "array") {
    if (!(token instanceof JArray)) throw notThat(token, type);
    const items = token.items.map((item) => tokenAs(type.element, item));
    return type.element.key === "Byte"
      ? Uint8Array.from(items, (item) => Number(rawNumber(item)))
      : new NetArray(type.element, items);
  }
  if (type.kind !== "named") throw notThat(token, type);
  if (type.def.id === "String")
    throw token instanceof JArray || token instanceof JObject ? cannot(token, type) : notThat(token, type);
  const dictionary = dictionaryIds.has(type.def.id) ? type : undefined;
  if (dictionary !== undefined && token instanceof JObject) {
    const [key, value] = dictionary.args as [CsType, CsType];
    const made = new NetDictionary([key, value]);
    for (const property of token.properties())
      made.put(tokenAs(key, new JValue(property.name)), tokenAs(value, property.value));
    return made;
  }
  const sequence = instanceOf(type, type.def.lookup("IEnumerable`1"));
  const element = sequence?.args[0];
  if (element === undefined || !(token instanceof JArray)) throw notThat(token, type);
  const items = token.items.map((item) => tokenAs(element, item));
  if (type.def.id !== "HashSet`1") return new NetList(element, items);
  const set = new NetSet(element);
  for (const item of items) set.add(item);
  return set;
}

const dictionaryIds: ReadonlySet<string> = new Set(["Dictionary`2", "IDictionary`2", "IReadOnlyDictionary`2"]);

function notThat(token: JToken, type: CsType): Error {
  const kind = token instanceof JArray ? "array" : "object";
  return new NetException(
    "JsonSerializationException",
    `Cannot deserialize the current JSON ${kind} into type '${show(type)}'.`,
  );
}
