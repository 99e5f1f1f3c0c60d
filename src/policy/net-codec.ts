import { readJson } from "#notation/csharp/json/read.ts";
import { JToken } from "#notation/csharp/json/token.ts";
import { writeJson } from "#notation/csharp/json/write.ts";
import { registryHolder } from "#notation/csharp/type/registry-holder.ts";
import type { CsType } from "#notation/csharp/type/cs-type.ts";
import { Char, charOf } from "#notation/csharp/value/char.ts";
import { DateTime, DateTimeOffset, type Kind } from "#notation/csharp/value/date-time.ts";
import { Decimal } from "#notation/csharp/value/decimal.ts";
import { EnumValue, type EnumFacts } from "#notation/csharp/value/enum-value.ts";
import { Guid } from "#notation/csharp/value/guid.ts";
import { KeyValuePair } from "#notation/csharp/value/key-value-pair.ts";
import { NetArray } from "#notation/csharp/value/net-array.ts";
import { NetDictionary } from "#notation/csharp/value/net-dictionary.ts";
import { NetList } from "#notation/csharp/value/net-list.ts";
import type { NetObject } from "#notation/csharp/value/net-object.ts";
import { NetSet } from "#notation/csharp/value/net-set.ts";
import { BigInteger, Double, Single, Small, type SmallType, ULong } from "#notation/csharp/value/numbers.ts";
import { beginRun } from "#notation/csharp/value/run.ts";
import { TimeSpan } from "#notation/csharp/value/time-span.ts";
import { TupleValue } from "#notation/csharp/value/tuple.ts";
import { Uri } from "#notation/csharp/value/uri.ts";
import { XDocument, XElement } from "#notation/csharp/xml/node.ts";
import { parseXml } from "#notation/csharp/xml/parse.ts";
import { writeXml } from "#notation/csharp/xml/write.ts";
import { type CodedType, codeType, decodeType } from "./net-types.ts";

/** A value of C# that JavaScript has no form for: what it is, and what it is made of. */
export type CodedNet = readonly [kind: string, ...parts: unknown[]];

type Inner = (value: unknown) => unknown;

/** @returns undefined for what cannot be kept: what belongs to a request, and objects without a type that has a name */
export function codeNet(value: NetObject, inner: Inner): CodedNet | undefined {
  return codeScalar(value) ?? codeTree(value) ?? codeCollection(value, inner);
}

function codeScalar(value: NetObject): CodedNet | undefined {
  if (value instanceof Double) return ["double", String(value.value)];
  if (value instanceof Single) return ["single", String(value.value)];
  if (value instanceof Decimal) return ["decimal", String(value.units), value.scale];
  if (value instanceof Small) return ["small", value.netType, value.value];
  if (value instanceof ULong) return ["ulong", String(value.value)];
  if (value instanceof BigInteger) return ["big", String(value.value)];
  if (value instanceof Char) return ["char", value.code];
  if (value instanceof DateTime) return ["date", String(value.ticks), value.kind];
  if (value instanceof DateTimeOffset) return ["offset", String(value.ticks), value.offsetMinutes];
  if (value instanceof TimeSpan) return ["span", String(value.ticks)];
  if (value instanceof Guid) return ["guid", value.digits];
  if (value instanceof Uri) return ["uri", value.original];
  return value instanceof EnumValue ? ["enum", value.netType, value.value] : undefined;
}

/** Trees are kept as their text, as .NET serialises them. What could not be read again is not kept. */
function codeTree(value: NetObject): CodedNet | undefined {
  beginRun();
  if (value instanceof JToken) {
    const text = writeJson(value, false);
    readJson(text);
    return ["json", text];
  }
  if (value instanceof XElement) return ["element", writeXml(value, false)];
  if (!(value instanceof XDocument) || value.root === null) return undefined;
  return ["document", `${value.declaration?.toString() ?? ""}${writeXml(value, false)}`];
}

function codeCollection(value: NetObject, inner: Inner): CodedNet | undefined {
  if (value instanceof TupleValue) return ["tuple", value.items.map(inner)];
  const types = value instanceof NetArray ? [value.element] : (value.netArgs ?? []);
  const coded = types.map((type) => codeType(type as CsType));
  if (coded.includes(undefined)) return undefined;
  if (value instanceof NetArray) return ["array", coded, value.items.map(inner)];
  if (value instanceof NetList) return ["list", coded, value.items.map(inner)];
  if (value instanceof NetSet) return ["set", coded, Array.from(value, inner)];
  if (value instanceof KeyValuePair) return ["pair", coded, [inner(value.key), inner(value.value)]];
  if (!(value instanceof NetDictionary)) return undefined;
  const pairs = Array.from(value, (pair) => [inner((pair as KeyValuePair).key), inner((pair as KeyValuePair).value)]);
  return ["dictionary", coded, pairs, value.netType];
}

export function decodeNet([kind, first, second, third]: CodedNet, inner: Inner): unknown {
  const decode = decoders[kind];
  if (decode === undefined) throw new Error("no such kind of value is kept");
  return decode(first, second, third, inner);
}

type Decode = (first: unknown, second: unknown, third: unknown, inner: Inner) => unknown;

const decoders: Readonly<Record<string, Decode>> = {
  double: (text) => new Double(Number(text)),
  single: (text) => new Single(Number(text)),
  decimal: (units, scale) => new Decimal(BigInt(units as string), scale as number),
  small: (type, value) => new Small(type as SmallType, value as number),
  ulong: (text) => new ULong(BigInt(text as string)),
  big: (text) => new BigInteger(BigInt(text as string)),
  char: (code) => charOf(code as number),
  date: (ticks, kind) => new DateTime(BigInt(ticks as string), kind as Kind),
  offset: (ticks, minutes) => new DateTimeOffset(BigInt(ticks as string), minutes as number),
  span: (ticks) => new TimeSpan(BigInt(ticks as string)),
  guid: (digits) => new Guid(digits as string),
  uri: (text) => new Uri(text as string, false),
  enum: (type, value) => new EnumValue(registryHolder().lookup(type as string) as EnumFacts, value as number),
  json: (text) => within(() => readJson(text as string)),
  element: (text) => within(() => parsedElement(text as string)),
  document: (text) => within(() => parseXml(text as string, true)),
  tuple: (items, _none, _more, inner) => new TupleValue((items as unknown[]).map(inner)),
  array: (types, items, _more, inner) => new NetArray(typesOf(types)[0], (items as unknown[]).map(inner)),
  list: (types, items, _more, inner) => new NetList(typesOf(types)[0], (items as unknown[]).map(inner)),
  set: (types, items, _more, inner) => {
    const made = new NetSet(typesOf(types)[0]);
    for (const item of items as unknown[]) made.add(inner(item));
    return made;
  },
  pair: (types, pair, _more, inner) => {
    const [key, value] = pair as [unknown, unknown];
    return new KeyValuePair(typesOf(types), inner(key), inner(value));
  },
  dictionary: (types, pairs, netType, inner) => {
    const made = new NetDictionary(typesOf(types), null, netType as string);
    for (const [key, value] of pairs as [unknown, unknown][]) made.put(inner(key), inner(value));
    return made;
  },
};

/** Making values is charged to an evaluation, and this is none. */
function within<T>(make: () => T): T {
  beginRun();
  return make();
}

/** As a tree of its own. */
function parsedElement(text: string): XElement {
  const { root } = parseXml(text, true);
  root?.remove();
  return root as XElement;
}

function typesOf(coded: unknown): readonly CsType[] {
  return (coded as readonly CodedType[]).map(decodeType);
}
