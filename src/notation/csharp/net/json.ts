import type { CsType } from "#notation/csharp/type/cs-type.ts";
import { hostType } from "#notation/csharp/type/host-type.ts";
import { isInstance } from "#notation/csharp/type/runtime-type.ts";
import type { Implementation, Ref, TypeTable } from "#notation/csharp/type/type-def.ts";
import { tokenAs } from "#notation/csharp/json/convert.ts";
import { addContent, contentOf, tokenOf } from "#notation/csharp/json/from-object.ts";
import { deepEquals } from "#notation/csharp/json/deep-equals.ts";
import { JsonMergeSettings, mergeJson } from "#notation/csharp/json/merge.ts";
import { pathOf, selectTokens } from "#notation/csharp/json/path.ts";
import { readJson } from "#notation/csharp/json/read.ts";
import { JArray, type JContainer, JObject, JProperty, JRaw, JToken, JValue } from "#notation/csharp/json/token.ts";
import { writeJson } from "#notation/csharp/json/write.ts";
import { compareBy } from "#notation/csharp/value/compare-text.ts";
import { EnumValue } from "#notation/csharp/value/enum-value.ts";
import { formatValue } from "#notation/csharp/value/format.ts";
import { iterate } from "#notation/csharp/value/iterate.ts";
import { argument, argumentNull, invalidCast, NetException } from "#notation/csharp/value/net-exception.ts";
import type { NetArray } from "#notation/csharp/value/net-array.ts";
import { step } from "#notation/csharp/value/run.ts";
import { Sequence } from "#notation/csharp/value/sequence.ts";
import { jTokenTypeTable } from "./enums.ts";

const namespace = "Newtonsoft.Json.Linq";
const typeFacts = { id: "JTokenType", table: jTokenTypeTable };

function parse(text: string | null): JToken {
  if (text === null) throw argumentNull("json");
  return readJson(text);
}

function readerError(what: string, token: JToken): NetException {
  return new NetException(
    "JsonReaderException",
    `Error reading ${what} from JsonReader. Current JsonReader item is not an ${what === "JArray" ? "array" : "object"}: ${token.netType}. Path '', line 1, position 1.`,
  );
}

function parseObject(text: string | null): JObject {
  const token = parse(text);
  if (!(token instanceof JObject)) throw readerError("JObject", token);
  return token;
}

function parseArray(text: string | null): JArray {
  const token = parse(text);
  if (!(token instanceof JArray)) throw readerError("JArray", token);
  return token;
}

function select(self: JToken, path: string | null, isErrorWhenMissing = false): JToken | null {
  if (path === null) throw argumentNull("path");
  const found = selectTokens(self, path);
  if (found.length > 1) throw new NetException("JsonException", "Path returned multiple tokens.");
  if (found[0] === undefined && isErrorWhenMissing)
    throw new NetException("JsonException", `Path '${path}' does not exist.`);
  return found[0] ?? null;
}

function* descendants(self: JToken, isSelf: boolean): Generator<JToken> {
  step();
  if (isSelf) yield self;
  for (const child of self.children()) yield* descendants(child, true);
}

function* ancestors(self: JToken | null): Generator<JToken> {
  for (let at = self; at !== null; at = at.parent) yield at;
}

function siblings(self: JToken): readonly JToken[] {
  return self.parent?.children() ?? [];
}

function sibling(self: JToken, offset: number): JToken | null {
  const all = siblings(self);
  return all[all.indexOf(self) + offset] ?? null;
}

function addBeside(self: JToken, content: unknown, offset: number): void {
  const { parent } = self;
  if (parent instanceof JArray) parent.insert(parent.items.indexOf(self) + offset, contentOf(content));
  else if (parent instanceof JObject && content instanceof JProperty) {
    const all = [...parent.properties()];
    all.splice(all.indexOf(self as JProperty) + offset, 0, content);
    parent.clear();
    for (const property of all) parent.addChild(property);
  } else throw new NetException("InvalidOperationException", "The parent is missing.");
}

function add(self: JContainer, content: unknown): void {
  if (self instanceof JObject) addContent(self, content);
  else if (content instanceof JToken || typeof content === "string") self.addChild(contentOf(content));
  else if (content !== null && typeof content === "object" && Symbol.iterator in content && !("find" in content))
    for (const item of iterate(content)) add(self, item);
  else self.addChild(contentOf(content));
}

const castTypes: readonly (readonly [alias: string, isValue: boolean])[] = [
  ["bool", true],
  ["byte", true],
  ["sbyte", true],
  ["short", true],
  ["ushort", true],
  ["int", true],
  ["uint", true],
  ["long", true],
  ["ulong", true],
  ["float", true],
  ["double", true],
  ["decimal", true],
  ["char", true],
  ["DateTime", true],
  ["DateTimeOffset", true],
  ["TimeSpan", true],
  ["Guid", true],
  ["string", false],
  ["Uri", false],
];

const ids: Readonly<Record<string, string>> = {
  bool: "Boolean",
  byte: "Byte",
  sbyte: "SByte",
  short: "Int16",
  ushort: "UInt16",
  int: "Int32",
  uint: "UInt32",
  long: "Int64",
  ulong: "UInt64",
  float: "Single",
  double: "Double",
  decimal: "Decimal",
  char: "Char",
  string: "String",
};

function casts(): Record<string, Implementation> {
  const made: Record<string, Implementation> = {};
  for (const [alias, isValue] of castTypes) {
    const id = ids[alias] ?? alias;
    made[`implicit(${alias}): JToken`] = (value: unknown) =>
      new JValue(typeof value === "number" ? BigInt(value) : value);
    made[`explicit(JToken): ${alias}`] = (token: JToken | null) => {
      if (token === null && isValue) throw argumentNull("value");
      return cast(hostType(id), token);
    };
    if (!isValue) continue;
    made[`implicit(${alias}?): JToken`] = (value: unknown) =>
      new JValue(typeof value === "number" ? BigInt(value) : value);
    made[`explicit(JToken): ${alias}?`] = (token: JToken | null) => (isNull(token) ? null : cast(hostType(id), token));
  }
  made["implicit(byte[]): JToken"] = (value: Uint8Array | null) => new JValue(value);
  made["explicit(JToken): byte[]"] = (token: JToken | null) =>
    token instanceof JValue
      ? token.value instanceof Uint8Array
        ? token.value
        : Buffer.from(String(token.value), "base64")
      : null;
  return made;
}

function isNull(token: JToken | null): boolean {
  return token === null || (token instanceof JValue && token.value === null);
}

/** Of a property its value, of a scalar what it says; an object or array is none of these. */
function cast(type: CsType, token: JToken | null): unknown {
  const inner = token instanceof JProperty ? token.value : token;
  if (inner !== null && !(inner instanceof JValue))
    throw argument(
      `Can not convert ${inner instanceof JArray ? "Array" : "Object"} to ${type.kind === "named" ? type.def.name : "that"}.`,
    );
  return tokenAs(type, inner);
}

function valueAt(type: CsType, self: JToken, key: unknown): unknown {
  return valueIn(type, self.child(key));
}

/** Extensions.Value<U>: a node as it is, or what its scalar says. */
function valueIn(type: CsType, token: JToken | null): unknown {
  if (token === null) return tokenAs(type, null);
  if (isInstance(token, type)) return token;
  if (!(token instanceof JValue)) throw invalidCast(`Newtonsoft.Json.Linq.${token.netType}`, type.key);
  return tokenAs(type, token);
}

const written = (self: JToken, formatting: EnumValue): string => writeJson(self, formatting.value === 1);

const jTokenTable: TypeTable = {
  name: "JToken",
  namespace,
  kind: "class",
  implements: ["IEnumerable<JToken>", "IEnumerable"],
  statics: {
    "Parse(string json): JToken": parse,
    "FromObject(object o): JToken": (value: unknown) => {
      if (value === null) throw argumentNull("o");
      const made = tokenOf(value);
      return made === value ? made.clone() : made;
    },
    "DeepEquals(JToken t1, JToken t2): bool": (a: JToken | null, b: JToken | null) =>
      a === b || (a !== null && b !== null && deepEquals(a, b)),
    "ReadFrom(JsonReader reader): JToken": (reader: { readonly text: string }) => readJson(reader.text),
    "Load(JsonReader reader): JToken": (reader: { readonly text: string }) => readJson(reader.text),
  },
  members: {
    "Type: JTokenType": (self: JToken) => new EnumValue(typeFacts, self.tokenType),
    "Parent: JContainer": (self: JToken) => self.parent,
    "Root: JToken": (self: JToken) => [...ancestors(self)].at(-1),
    "Path: string": pathOf,
    "HasValues: bool": (self: JToken) => self.children().length > 0,
    "First: JToken": (self: JToken) => self.children()[0] ?? null,
    "Last: JToken": (self: JToken) => self.children().at(-1) ?? null,
    "Next: JToken": (self: JToken) => sibling(self, 1),
    "Previous: JToken": (self: JToken) => sibling(self, -1),
    "this[object key]: JToken": (self: JToken, key: unknown) => self.child(key),
    "Children(): JEnumerable<JToken>": (self: JToken) => new Sequence(() => self.children()),
    "Children<type T>(): JEnumerable<T>": (type: CsType, self: JToken) =>
      new Sequence(() => self.children().filter((child) => isInstance(child, type))),
    "Ancestors(): IEnumerable<JToken>": (self: JToken) => new Sequence(() => ancestors(self.parent)),
    "AncestorsAndSelf(): IEnumerable<JToken>": (self: JToken) => new Sequence(() => ancestors(self)),
    "BeforeSelf(): IEnumerable<JToken>": (self: JToken) =>
      new Sequence(() => siblings(self).slice(0, siblings(self).indexOf(self))),
    "AfterSelf(): IEnumerable<JToken>": (self: JToken) =>
      new Sequence(() => siblings(self).slice(siblings(self).indexOf(self) + 1)),
    "Value<type T>(object key): T": valueAt,
    "Values<type T>(): IEnumerable<T>": (type: CsType, self: JToken) =>
      new Sequence(() => childValues(self).map((child) => valueIn(type, child))),
    "SelectToken(string path): JToken": (self: JToken, path: string | null) => select(self, path),
    "SelectToken(string path, bool errorWhenNoMatch): JToken": select,
    "SelectTokens(string path): IEnumerable<JToken>": (self: JToken, path: string | null) =>
      new Sequence(() => selectTokens(self, path ?? "")),
    "SelectTokens(string path, bool errorWhenNoMatch): IEnumerable<JToken>": (self: JToken, path: string | null) =>
      new Sequence(() => selectTokens(self, path ?? "")),
    "ToObject<type T>(): T": (type: CsType, self: JToken) => tokenAs(type, self),
    "ToObject(Type objectType): object": (self: JToken, type: { readonly type: CsType }) => tokenAs(type.type, self),
    "DeepClone(): JToken": (self: JToken) => self.clone(),
    "Remove(): void": (self: JToken) => self.remove(),
    "Replace(JToken value): void": (self: JToken, value: JToken | null) => self.replace(value),
    "AddAfterSelf(object content): void": (self: JToken, content: unknown) => addBeside(self, content, 1),
    "AddBeforeSelf(object content): void": (self: JToken, content: unknown) => addBeside(self, content, 0),
    "ToString(Formatting formatting): string": written,
    "ToString(Formatting formatting, params JsonConverter[] converters): string": written,
  },
  setters: {
    "this[object key]: JToken": (self: JToken, key: unknown, value: JToken | null) => self.setChild(key, value),
  },
  operators: casts(),
};

/** What `Values()` of many takes from each: a scalar itself, of the others what they hold. */
function itemsOf(token: JToken): readonly JToken[] {
  return token instanceof JValue ? [token] : token.children();
}

function childValues(self: JToken): readonly JToken[] {
  return self.children().map((child) => (child instanceof JProperty ? child.value : child));
}

const jContainerTable: TypeTable = {
  name: "JContainer",
  namespace,
  kind: "class",
  base: "JToken",
  implements: ["IList<JToken>"],
  members: {
    "Count: int": (self: JToken) => self.children().length,
    "Add(object content): void": add,
    "AddFirst(object content): void": (self: JContainer, content: unknown) => {
      if (self instanceof JArray) self.insert(0, contentOf(content));
      else if (self instanceof JObject && content instanceof JProperty) self.addFirst(content);
    },
    "RemoveAll(): void": (self: JObject | JArray) => self.clear(),
    "ReplaceAll(object content): void": (self: JObject | JArray, content: unknown) => {
      self.clear();
      add(self, content);
    },
    "Descendants(): IEnumerable<JToken>": (self: JToken) => new Sequence(() => descendants(self, false)),
    "DescendantsAndSelf(): IEnumerable<JToken>": (self: JToken) => new Sequence(() => descendants(self, true)),
    "Merge(object content): void": (self: JToken, content: unknown) => mergeJson(self, tokenOf(content), null),
    "Merge(object content, JsonMergeSettings settings): void": (
      self: JToken,
      content: unknown,
      settings: JsonMergeSettings | null,
    ) => mergeJson(self, tokenOf(content), settings),
  },
};

const jObjectTable: TypeTable = {
  name: "JObject",
  namespace,
  kind: "class",
  base: "JContainer",
  implements: ["IDictionary<string, JToken>"],
  construct: {
    "()": () => new JObject(),
    "(JObject other)": (other: JObject) => other.clone(),
    "(object content)": (content: unknown) => objectOf([content]),
    "(params object[] content)": (content: NetArray | null) => objectOf(content?.items ?? []),
  },
  statics: {
    "Parse(string json): JObject": parseObject,
    "Load(JsonReader reader): JObject": (reader: { readonly text: string }) => parseObject(reader.text),
    "FromObject(object o): JObject": (value: unknown) => {
      if (value === null) throw argumentNull("o");
      const made = tokenOf(value);
      if (!(made instanceof JObject))
        throw argument(
          `Object serialized to ${made instanceof JArray ? "Array" : "String"}. JObject instance expected.`,
        );
      return made === value ? made.clone() : made;
    },
  },
  members: {
    "this[string propertyName]: JToken": (self: JObject, name: string | null) => self.find(name) ?? null,
    "Add(string propertyName, JToken value): void": (self: JObject, name: string, value: JToken | null) =>
      self.add(name, value),
    "ContainsKey(string propertyName): bool": (self: JObject, name: string | null) => self.has(name),
    "Remove(string propertyName): bool": (self: JObject, name: string | null) => self.delete(name),
    "Property(string name): JProperty": (self: JObject, name: string) => self.property(name) ?? null,
    "Property(string name, StringComparison comparison): JProperty": (self: JObject, name: string, how: EnumValue) =>
      memberLike(self, name, how) ?? null,
    "Properties(): IEnumerable<JProperty>": (self: JObject) => new Sequence(() => self.properties()),
    "PropertyValues(): JEnumerable<JToken>": (self: JObject) => new Sequence(() => self.values()),
    "GetValue(string propertyName): JToken": (self: JObject, name: string | null) => self.find(name) ?? null,
    "GetValue(string propertyName, StringComparison comparison): JToken": (
      self: JObject,
      name: string,
      how: EnumValue,
    ) => memberLike(self, name, how)?.value ?? null,
    "TryGetValue(string propertyName, out JToken value): bool": (self: JObject, name: string | null, result: Ref) => {
      result.value = self.find(name) ?? null;
      return result.value !== null;
    },
    "TryGetValue(string propertyName, StringComparison comparison, out JToken value): bool": (
      self: JObject,
      name: string,
      how: EnumValue,
      result: Ref,
    ) => {
      result.value = memberLike(self, name, how)?.value ?? null;
      return result.value !== null;
    },
  },
  setters: {
    "this[string propertyName]: JToken": (self: JObject, name: string, value: JToken | null) => self.put(name, value),
  },
};

function memberLike(self: JObject, name: string, how: EnumValue): JProperty | undefined {
  return self.property(name) ?? self.properties().find((each) => compareBy(each.name, name, how.value) === 0);
}

function objectOf(content: readonly unknown[]): JObject {
  const made = new JObject();
  for (const item of content) addContent(made, item);
  return made;
}

function arrayOf(content: readonly unknown[]): JArray {
  const made = new JArray();
  for (const item of content) add(made, item);
  return made;
}

const jArrayTable: TypeTable = {
  name: "JArray",
  namespace,
  kind: "class",
  base: "JContainer",
  construct: {
    "()": () => new JArray(),
    "(JArray other)": (other: JArray) => other.clone(),
    "(object content)": (content: unknown) => arrayOf([content]),
    "(params object[] content)": (content: NetArray | null) => arrayOf(content?.items ?? [null]),
  },
  statics: {
    "Parse(string json): JArray": parseArray,
    "Load(JsonReader reader): JArray": (reader: { readonly text: string }) => parseArray(reader.text),
    "FromObject(object o): JArray": (value: unknown) => {
      const made = tokenOf(value);
      if (!(made instanceof JArray)) throw argument("Object serialized to Object. JArray instance expected.");
      return made === value ? made.clone() : made;
    },
  },
  members: {
    "this[int index]: JToken": (self: JArray, index: number) => self.get(index),
    "Add(JToken item): void": (self: JArray, item: JToken | null) => self.addChild(item),
    "Insert(int index, JToken item): void": (self: JArray, index: number, item: JToken | null) =>
      self.insert(index, item),
    "Remove(JToken item): bool": (self: JArray, item: JToken | null) => self.remove(item),
    "RemoveAt(int index): void": (self: JArray, index: number) => self.removeAt(index),
    "Clear(): void": (self: JArray) => self.clear(),
    "Contains(JToken item): bool": (self: JArray, item: JToken) => self.indexOf(item) !== -1,
    "IndexOf(JToken item): int": (self: JArray, item: JToken) => self.indexOf(item),
  },
  setters: { "this[int index]: JToken": (self: JArray, index: number, value: JToken | null) => self.set(index, value) },
};

const jPropertyTable: TypeTable = {
  name: "JProperty",
  namespace,
  kind: "class",
  base: "JContainer",
  construct: {
    "(string name, object content)": (name: string | null, content: unknown) =>
      new JProperty(named(name), contentOf(content)),
    "(string name, params object[] content)": (name: string | null, content: NetArray | null) =>
      new JProperty(named(name), content === null ? contentOf(null) : arrayOf(content.items)),
    "(JProperty other)": (other: JProperty) => other.clone(),
  },
  members: {
    "Name: string": (self: JProperty) => self.name,
    "Value: JToken": (self: JProperty) => self.value,
  },
  setters: {
    "Value: JToken": (self: JProperty, value: JToken | null) => {
      self.value = value;
    },
  },
};

function named(name: string | null): string {
  if (name === null) throw argumentNull("name");
  return name;
}

const jValueTable: TypeTable = {
  name: "JValue",
  namespace,
  kind: "class",
  base: "JToken",
  implements: ["IComparable", "IFormattable", "IConvertible"],
  construct: {
    "(object value)": (value: unknown) => {
      const made = contentOf(value);
      return made instanceof JValue ? (made === value ? made.clone() : made) : new JValue(String(made));
    },
    "(JValue other)": (other: JValue) => other.clone(),
  },
  statics: {
    "CreateNull(): JValue": () => new JValue(null),
    "CreateString(string value): JValue": (value: string | null) => new JValue(value),
  },
  members: {
    "Value: object": (self: JValue) => self.value,
    "ToString(string format): string": (self: JValue, format: string | null) => formatted(self, format),
    "ToString(string format, IFormatProvider provider): string": (self: JValue, format: string | null) =>
      formatted(self, format),
    "ToString(IFormatProvider provider): string": (self: JValue) => self.toString(),
    "CompareTo(object obj): int": (self: JValue, other: unknown) => self.compareTo(other),
  },
  setters: {
    "Value: object": (self: JValue, value: unknown) => {
      self.value = typeof value === "number" ? BigInt(value) : value;
    },
  },
};

function formatted(self: JValue, format: string | null): string {
  return formatValue(self.value, format ?? "");
}

const jRawTable: TypeTable = {
  name: "JRaw",
  namespace,
  kind: "class",
  base: "JValue",
  construct: { "(object rawJson)": (value: unknown) => new JRaw(value) },
};

const jEnumerableTable: TypeTable = {
  name: "JEnumerable<T>",
  namespace,
  kind: "class",
  implements: ["IEnumerable<T>"],
  members: {
    "this[object key]: IEnumerable<JToken>": (self: Sequence, key: unknown) =>
      new Sequence(() => [...self].flatMap((item) => (item as JToken).child(key) ?? [])),
  },
};

/** Extension methods over sequences of nodes. */
const extensionsTable: TypeTable = {
  name: "Extensions",
  namespace,
  kind: "static",
  statics: {
    "Value<type U>(this IEnumerable<JToken> value): U": (type: CsType, self: JToken) => valueIn(type, self),
    "Values<type U>(this IEnumerable<JToken> source): IEnumerable<U>": (type: CsType, source: unknown) =>
      new Sequence(() =>
        [...iterate(source)].flatMap((item) => itemsOf(item as JToken).map((each) => valueIn(type, each))),
      ),
    "Values(this IEnumerable<JToken> source): IEnumerable<JToken>": (source: unknown) =>
      new Sequence(() => [...iterate(source)].flatMap((item) => itemsOf(item as JToken))),
    "Values(this IEnumerable<JToken> source, object key): IEnumerable<JToken>": (source: unknown, key: unknown) =>
      new Sequence(() => [...iterate(source)].flatMap((item) => (item as JToken).child(key) ?? [])),
    "Values<type U>(this IEnumerable<JToken> source, object key): IEnumerable<U>": (
      type: CsType,
      source: unknown,
      key: unknown,
    ) =>
      new Sequence(() =>
        [...iterate(source)].flatMap((item) => (item as JToken).child(key) ?? []).map((each) => valueIn(type, each)),
      ),
    "Children<T>(this IEnumerable<T> source): IEnumerable<JToken>": (source: unknown) =>
      new Sequence(() => [...iterate(source)].flatMap((item) => [...(item as JToken).children()])),
    "Properties(this IEnumerable<JObject> source): IEnumerable<JProperty>": (source: unknown) =>
      new Sequence(() => [...iterate(source)].flatMap((item) => [...(item as JObject).properties()])),
    "Descendants<T>(this IEnumerable<T> source): IEnumerable<JToken>": (source: unknown) =>
      new Sequence(() => [...iterate(source)].flatMap((item) => [...descendants(item as JToken, false)])),
  },
};

function serialize(value: unknown, formatting?: EnumValue): string {
  return writeJson(tokenOf(value), formatting?.value === 1);
}

function deserialize(type: CsType, text: string | null): unknown {
  if (text === null) throw argumentNull("value");
  return text.trim() === "" ? null : tokenAs(type, readJson(text));
}

const jsonConvertTable: TypeTable = {
  name: "JsonConvert",
  namespace: "Newtonsoft.Json",
  kind: "static",
  statics: {
    "SerializeObject(object value): string": (value: unknown) => serialize(value),
    "SerializeObject(object value, Formatting formatting): string": serialize,
    "DeserializeObject<type T>(string value): T": deserialize,
    "DeserializeObject(string value): object": (text: string | null) =>
      text === null ? deserialize(hostType("JToken"), text) : text.trim() === "" ? null : readJson(text),
    "ToString(object value): string": (value: unknown) => serialize(value),
  },
};

export const jsonTables: readonly TypeTable[] = [
  jTokenTable,
  jContainerTable,
  jObjectTable,
  jArrayTable,
  jPropertyTable,
  jValueTable,
  jRawTable,
  jEnumerableTable,
  extensionsTable,
  jsonConvertTable,
  { name: "JsonConverter", namespace: "Newtonsoft.Json", kind: "class" },
  {
    name: "JsonMergeSettings",
    namespace,
    kind: "class",
    construct: { "()": () => new JsonMergeSettings() },
    members: {
      "MergeArrayHandling: MergeArrayHandling": (self: JsonMergeSettings) => self.arrayHandling,
      "MergeNullValueHandling: MergeNullValueHandling": (self: JsonMergeSettings) => self.nullHandling,
    },
    setters: {
      "MergeArrayHandling: MergeArrayHandling": (self: JsonMergeSettings, value: EnumValue) => {
        self.arrayHandling = value;
      },
      "MergeNullValueHandling: MergeNullValueHandling": (self: JsonMergeSettings, value: EnumValue) => {
        self.nullHandling = value;
      },
    },
  },
  {
    name: "JsonReader",
    namespace: "Newtonsoft.Json",
    kind: "class",
    implements: ["IDisposable"],
  },
  {
    name: "JsonTextReader",
    namespace: "Newtonsoft.Json",
    kind: "class",
    base: "JsonReader",
    construct: {
      "(StringReader reader)": (reader: { readonly text: string }) => ({
        netType: "JsonTextReader",
        text: reader.text,
      }),
    },
  },
];
