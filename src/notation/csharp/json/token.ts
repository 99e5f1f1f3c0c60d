import type { MutableDictionary } from "#notation/csharp/value/dictionary-like.ts";
import { KeyValuePair } from "#notation/csharp/value/key-value-pair.ts";
import { argument, invalidOperation, outOfRange } from "#notation/csharp/value/net-exception.ts";
import type { NetObject } from "#notation/csharp/value/net-object.ts";
import { charge } from "#notation/csharp/value/run.ts";
import { toText } from "#notation/csharp/value/to-text.ts";
import { writeJson } from "./write.ts";

/** JTokenType's members that occur, by their numbers. */
export const tokenTypes = {
  object: 1,
  array: 2,
  property: 4,
  integer: 6,
  float: 7,
  string: 8,
  boolean: 9,
  null: 10,
  undefined: 11,
  date: 12,
  raw: 13,
  bytes: 14,
  guid: 15,
  uri: 16,
  timeSpan: 17,
} as const;

/** Bytes that a node costs, roughly. */
const nodeCost = 96;

/** Newtonsoft's JToken: a node of a JSON tree that knows its parent. */
export abstract class JToken implements NetObject {
  abstract readonly netType: string;
  abstract readonly tokenType: number;
  parent: JContainer | JProperty | null = null;

  constructor() {
    charge(nodeCost);
  }

  abstract clone(): JToken;
  abstract children(): readonly JToken[];

  toString(): string {
    return writeJson(this, true);
  }

  format(format: string): string {
    return format === "" ? this.toString() : this.toString();
  }

  /** `token["key"]`, `token[0]` */
  child(_key: unknown): JToken | null {
    throw invalidOperation(`Cannot access child value on Newtonsoft.Json.Linq.${this.netType}.`);
  }

  setChild(_key: unknown, _value: JToken | null): void {
    throw invalidOperation(`Cannot set child value on Newtonsoft.Json.Linq.${this.netType}.`);
  }

  remove(): unknown {
    if (this.parent === null) throw invalidOperation("The parent is missing.");
    this.parent.removeChild(this);
    return undefined;
  }

  replace(by: JToken | null): void {
    if (this.parent === null) throw invalidOperation("The parent is missing.");
    this.parent.replaceChild(this, by ?? new JValue(null));
  }
}

/** What may stand under another node: a node that has a parent is copied. */
export function adopted(token: JToken | null, parent: JContainer | JProperty): JToken {
  const made = token ?? new JValue(null);
  const own = made.parent === null && !isAncestor(made, parent) ? made : made.clone();
  own.parent = parent;
  return own;
}

function isAncestor(token: JToken, of: JToken): boolean {
  for (let at: JToken | null = of; at !== null; at = at.parent) if (at === token) return true;
  return false;
}

/** A scalar. */
export class JValue extends JToken {
  override readonly netType: string = "JValue";
  value: unknown;
  readonly #given: number | undefined;

  constructor(value: unknown, given?: number) {
    super();
    this.value = value;
    this.#given = given;
    if (typeof value === "string") charge(value.length * 2);
  }

  override get tokenType(): number {
    return this.#given ?? typeOfScalar(this.value);
  }

  override clone(): JValue {
    return new JValue(this.value, this.#given);
  }

  override children(): readonly JToken[] {
    return [];
  }

  override toString(): string {
    return toText(this.value);
  }

  equals(other: unknown): boolean {
    return other instanceof JValue && other.tokenType === this.tokenType && toText(other.value) === toText(this.value);
  }

  get hashKey(): string {
    return `\0json ${this.tokenType} ${toText(this.value)}`;
  }

  compareTo(other: unknown): number {
    const text = toText(other instanceof JValue ? other.value : other);
    return this.toString() < text ? -1 : this.toString() > text ? 1 : 0;
  }
}

const scalarTypes: Readonly<Record<string, number>> = {
  Double: tokenTypes.float,
  Single: tokenTypes.float,
  Decimal: tokenTypes.float,
  DateTime: tokenTypes.date,
  DateTimeOffset: tokenTypes.date,
  Guid: tokenTypes.guid,
  Uri: tokenTypes.uri,
  TimeSpan: tokenTypes.timeSpan,
  Char: tokenTypes.string,
};

function typeOfScalar(value: unknown): number {
  if (value === null) return tokenTypes.null;
  if (typeof value === "string") return tokenTypes.string;
  if (typeof value === "boolean") return tokenTypes.boolean;
  if (value instanceof Uint8Array) return tokenTypes.bytes;
  const { netType = "" } = value as { readonly netType?: string };
  return scalarTypes[netType] ?? tokenTypes.integer;
}

/** JSON text that is written as it is. */
export class JRaw extends JValue {
  override readonly netType = "JRaw";

  constructor(text: unknown) {
    super(text, tokenTypes.raw);
  }

  override clone(): JRaw {
    return new JRaw(this.value);
  }
}

/** A node with nodes under it. */
export abstract class JContainer extends JToken {
  abstract removeChild(token: JToken): void;
  abstract replaceChild(token: JToken, by: JToken): void;
  abstract addChild(token: JToken | null): void;
}

export class JProperty extends JToken {
  override readonly netType = "JProperty";
  readonly name: string;
  #value: JToken;

  constructor(name: string, value: JToken | null) {
    super();
    this.name = name;
    charge(name.length * 2);
    this.#value = adopted(value, this);
  }

  override get tokenType(): number {
    return tokenTypes.property;
  }

  get value(): JToken {
    return this.#value;
  }

  set value(value: JToken | null) {
    if (value === this.#value) return;
    this.#value.parent = null;
    this.#value = adopted(value, this);
  }

  override clone(): JProperty {
    return new JProperty(this.name, this.#value.clone());
  }

  override children(): readonly JToken[] {
    return [this.#value];
  }

  /** Of a property only the whole can go, or its value become null. */
  removeChild(_token: JToken): void {
    throw invalidOperation("Cannot add or remove items from Newtonsoft.Json.Linq.JProperty.");
  }

  replaceChild(_token: JToken, by: JToken): void {
    this.value = by;
  }
}

/** Members keep the order they came in, whatever their names look like. */
export class JObject extends JContainer implements MutableDictionary {
  override readonly netType = "JObject";
  readonly #members = new Map<string, JProperty>();

  override get tokenType(): number {
    return tokenTypes.object;
  }

  get count(): number {
    return this.#members.size;
  }

  properties(): readonly JProperty[] {
    return [...this.#members.values()];
  }

  property(name: string): JProperty | undefined {
    return this.#members.get(name);
  }

  has(key: unknown): boolean {
    return this.#members.has(key as string);
  }

  find(key: unknown): JToken | undefined {
    return this.#members.get(key as string)?.value;
  }

  /** Sets a member, in its place when there is one. */
  put(key: unknown, value: unknown): void {
    const name = key as string;
    const known = this.#members.get(name);
    if (known !== undefined) known.value = value as JToken | null;
    else this.#insert(new JProperty(name, value as JToken | null));
  }

  #insert(property: JProperty): void {
    property.parent = this;
    this.#members.set(property.name, property);
  }

  add(key: unknown, value: unknown): void {
    this.addChild(new JProperty(key as string, value as JToken | null));
  }

  override addChild(token: JToken | null): void {
    if (!(token instanceof JProperty))
      throw argument(`Can not add Newtonsoft.Json.Linq.${token?.netType ?? "JValue"} to Newtonsoft.Json.Linq.JObject.`);
    if (this.#members.has(token.name)) {
      throw argument(
        `Can not add property ${token.name} to Newtonsoft.Json.Linq.JObject. Property with the same name already exists on object.`,
      );
    }
    this.#insert(token.parent === null ? token : token.clone());
  }

  addFirst(token: JProperty): void {
    const rest = this.properties();
    this.addChild(token);
    const added = this.properties().at(-1) as JProperty;
    this.#members.clear();
    for (const property of [added, ...rest]) this.#members.set(property.name, property);
  }

  delete(key: unknown): boolean {
    const known = this.#members.get(key as string);
    if (known === undefined) return false;
    known.parent = null;
    return this.#members.delete(key as string);
  }

  clear(): void {
    for (const property of this.#members.values()) property.parent = null;
    this.#members.clear();
  }

  override removeChild(token: JToken): void {
    if (token instanceof JProperty) this.delete(token.name);
  }

  override replaceChild(token: JToken, by: JToken): void {
    if (!(token instanceof JProperty) || !(by instanceof JProperty))
      throw argument("Can not add that to Newtonsoft.Json.Linq.JObject.");
    const all = this.properties().map((property) => (property === token ? by : property));
    this.clear();
    for (const property of all) this.addChild(property);
  }

  keys(): Iterable<string> {
    return this.#members.keys();
  }

  *values(): Generator<JToken> {
    for (const property of this.#members.values()) yield property.value;
  }

  override clone(): JObject {
    const made = new JObject();
    for (const property of this.#members.values()) made.#insert(property.clone());
    return made;
  }

  override children(): readonly JProperty[] {
    return this.properties();
  }

  *pairs(netArgs: readonly unknown[]): Generator<KeyValuePair> {
    for (const property of this.properties()) yield new KeyValuePair(netArgs, property.name, property.value);
  }

  [Symbol.iterator](): Iterator<JProperty> {
    return this.properties()[Symbol.iterator]();
  }

  override child(key: unknown): JToken | null {
    if (typeof key !== "string")
      throw argument(`Accessed JObject values with invalid key value: ${toText(key)}. Object property name expected.`);
    return this.find(key) ?? null;
  }

  override setChild(key: unknown, value: JToken | null): void {
    if (typeof key !== "string")
      throw argument(`Set JObject values with invalid key value: ${toText(key)}. Object property name expected.`);
    this.put(key, value);
  }
}

export class JArray extends JContainer {
  override readonly netType = "JArray";
  readonly items: JToken[] = [];

  override get tokenType(): number {
    return tokenTypes.array;
  }

  get count(): number {
    return this.items.length;
  }

  override addChild(token: JToken | null): void {
    this.items.push(adopted(token, this));
  }

  get(index: number): JToken {
    const found = this.items[index];
    if (found === undefined) throw outOfRange("index");
    return found;
  }

  set(index: number, value: unknown): void {
    this.replaceChild(this.get(index), adopted(value as JToken | null, this));
  }

  add(item: unknown): void {
    this.addChild(item as JToken | null);
  }

  insert(index: number, item: unknown): void {
    if (index < 0 || index > this.items.length) throw outOfRange("index");
    this.items.splice(index, 0, adopted(item as JToken | null, this));
  }

  removeAt(index: number): void {
    this.get(index).parent = null;
    this.items.splice(index, 1);
  }

  override remove(item?: unknown): boolean {
    if (item === undefined) {
      super.remove();
      return true;
    }
    const index = this.indexOf(item);
    if (index === -1) return false;
    this.removeAt(index);
    return true;
  }

  indexOf(item: unknown): number {
    return this.items.findIndex((each) => each === item || (each instanceof JValue && each.equals(item)));
  }

  clear(): void {
    for (const item of this.items) item.parent = null;
    this.items.length = 0;
  }

  override removeChild(token: JToken): void {
    const index = this.items.indexOf(token);
    if (index !== -1) this.removeAt(index);
  }

  override replaceChild(token: JToken, by: JToken): void {
    const index = this.items.indexOf(token);
    if (index === -1) return;
    token.parent = null;
    this.items[index] = by.parent === this ? by : adopted(by, this);
  }

  override clone(): JArray {
    const made = new JArray();
    for (const item of this.items) made.addChild(item.clone());
    return made;
  }

  override children(): readonly JToken[] {
    return this.items;
  }

  [Symbol.iterator](): Iterator<JToken> {
    return this.items[Symbol.iterator]();
  }

  override child(key: unknown): JToken | null {
    if (typeof key !== "number")
      throw argument(`Accessed JArray values with invalid key value: ${quotedKey(key)}. Int32 array index expected.`);
    return this.get(key);
  }

  override setChild(key: unknown, value: JToken | null): void {
    if (typeof key !== "number")
      throw argument(`Set JArray values with invalid key value: ${quotedKey(key)}. Int32 array index expected.`);
    this.set(key, value);
  }
}

function quotedKey(key: unknown): string {
  return typeof key === "string" ? `"${key}"` : toText(key);
}
