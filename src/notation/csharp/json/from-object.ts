import { EnumValue } from "#notation/csharp/value/enum-value.ts";
import { KeyValuePair } from "#notation/csharp/value/key-value-pair.ts";
import { iterate } from "#notation/csharp/value/iterate.ts";
import { NetArray } from "#notation/csharp/value/net-array.ts";
import { NetException } from "#notation/csharp/value/net-exception.ts";
import { NetList } from "#notation/csharp/value/net-list.ts";
import { step } from "#notation/csharp/value/run.ts";
import { AnonymousObject, TupleValue } from "#notation/csharp/value/tuple.ts";
import { toText } from "#notation/csharp/value/to-text.ts";
import type { DictionaryLike } from "#notation/csharp/value/dictionary-like.ts";
import { JArray, JObject, JProperty, JToken, JValue } from "./token.ts";

const maxDepth = 64;

/** Values that are scalars of JSON. */
const scalars: ReadonlySet<string> = new Set(
  "Byte SByte Int16 UInt16 UInt32 UInt64 BigInteger Double Single Decimal DateTime DateTimeOffset Guid TimeSpan Uri Char Version".split(
    " ",
  ),
);

/** JToken.FromObject, and what JsonConvert.SerializeObject writes. */
export function tokenOf(value: unknown, depth = 0): JToken {
  step();
  if (depth > maxDepth) throw new NetException("JsonSerializationException", "Self referencing loop detected.");
  if (value === null || value === undefined) return new JValue(null);
  if (value instanceof JToken) return value;
  if (typeof value !== "object")
    return typeof value === "function" ? refuse(value) : new JValue(typeof value === "number" ? BigInt(value) : value);
  if (value instanceof Uint8Array) return new JValue(value);
  if (value instanceof EnumValue) return new JValue(BigInt(value.value));
  if (value instanceof AnonymousObject) return named(value.names, value.items, depth);
  if (value instanceof TupleValue)
    return named(
      value.items.map((_, index) => `Item${index + 1}`),
      value.items,
      depth,
    );
  if (value instanceof KeyValuePair) return named(["Key", "Value"], [value.key, value.value], depth);
  const { netType = "" } = value as { readonly netType?: string };
  if (netType === "Char") return new JValue(toText(value));
  if (scalars.has(netType)) return new JValue(value);
  if (value instanceof NetException) return named(["ClassName", "Message"], [value.netType, value.message], depth);
  if (value instanceof NetArray || value instanceof NetList)
    return sequence(value instanceof NetArray ? value.items : value.items, depth);
  if (isDictionary(value)) return dictionary(value, depth);
  return Symbol.iterator in value ? sequence(iterate(value), depth) : properties(value, netType, depth);
}

function refuse(_value: unknown): never {
  throw new NetException("JsonSerializationException", "A delegate cannot be serialized.");
}

function isDictionary(value: object): value is DictionaryLike {
  return "find" in value && "keys" in value && "has" in value;
}

function named(names: readonly string[], items: readonly unknown[], depth: number): JObject {
  const made = new JObject();
  for (const [index, name] of names.entries()) made.put(name, child(items[index], depth));
  return made;
}

function child(value: unknown, depth: number): JToken {
  return tokenOf(value, depth + 1);
}

function sequence(items: Iterable<unknown>, depth: number): JArray {
  const made = new JArray();
  for (const item of items) made.addChild(child(item, depth));
  return made;
}

function dictionary(value: DictionaryLike, depth: number): JObject {
  const made = new JObject();
  for (const key of value.keys()) made.put(toText(key), child(value.find(key), depth));
  return made;
}

/** The properties that the type table lists. */
function properties(value: object, netType: string, depth: number): JObject {
  const list = readable?.(value, netType);
  if (list === undefined) throw new NetException("JsonSerializationException", `'${netType}' cannot be serialized.`);
  return named(
    list.map(([name]) => name),
    list.map(([, item]) => item),
    depth,
  );
}

type Readable = (value: object, netType: string) => readonly (readonly [name: string, value: unknown])[] | undefined;

let readable: Readable | undefined;

/** How the properties of other objects are found; set by the type table. */
export function readPropertiesWith(read: Readable): void {
  readable = read;
}

/** What `new JArray(…)`, `JArray.Add(…)` and `new JProperty(name, …)` make of their content. */
export function contentOf(value: unknown): JToken {
  return tokenOf(value);
}

/** Content of a JObject: properties, or sequences of them. */
export function addContent(object: JObject, content: unknown): void {
  if (content === null) return;
  if (content instanceof JProperty) object.addChild(content);
  else if (content instanceof JToken && !(content instanceof JArray)) {
    for (const token of content.children()) object.addChild(token);
  } else for (const item of iterate(content)) addContent(object, item);
}
