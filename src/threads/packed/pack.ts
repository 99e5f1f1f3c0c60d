import { serialize } from "node:v8";
import { Secret } from "#model/secret.ts";
import { arrayKind, type ChunkText, mapKind, type PackedChunk, type PackedValue, secretKind } from "./packed-value.ts";

/** Some tenths of a millisecond to read. */
const maxCode = 8192;
const underWay = -1;
const negativeZero = Symbol("-0");

export interface PackOptions {
  /** Also values of secrets: for a thread that is to have them. */
  readonly secrets?: boolean;
}

/**
 * Objects, arrays and maps, with what is shared between them still shared.
 * @throws TypeError for what is not plain data: a circle, an object of a class, a secret that nobody asked for
 */
export function pack(value: unknown, { secrets = false }: PackOptions = {}): PackedValue {
  return new Packer(secrets).pack(value);
}

/** The keys on the way from the root; its number once an object had just these. */
interface Shape {
  number: number;
  readonly next: Map<string, Shape>;
}

class Packer {
  readonly #secrets: boolean;
  readonly #numbers = new Map<object, number>();
  readonly #root: Shape = { number: -1, next: new Map() };
  readonly #chunks: PackedChunk[] = [];
  #code: number[] = [];
  #shapes: (readonly string[])[] = [];
  #values = new Map<unknown, number>();
  #count = 0;
  #shapeCount = 0;

  constructor(secrets: boolean) {
    this.#secrets = secrets;
  }

  pack(value: unknown): PackedValue {
    // A list of one, so that what is no object has a place as well.
    this.#add([value]);
    this.#flush();
    return { chunks: this.#chunks };
  }

  #add(object: object): void {
    const known = this.#numbers.get(object);
    if (known === underWay) throw new TypeError("an object that holds itself cannot be packed");
    if (known !== undefined) return;
    this.#numbers.set(object, underWay);
    if (Array.isArray(object)) this.#write(arrayKind, object.length, object);
    else if (object instanceof Map) this.#write(mapKind, object.size, entriesOf(object));
    else if (object instanceof Secret) this.#write(secretKind, null, this.#reveal(object));
    else this.#write(this.#shapeOf(object), null, Object.values(object));
    this.#numbers.set(object, this.#count);
    this.#count += 1;
  }

  /** Members first: a token of a value is good within one chunk only, and members may begin another. */
  #write(kind: number, length: number | null, members: readonly unknown[]): void {
    for (const member of members) if (typeof member === "object" && member !== null) this.#add(member);
    if (this.#code.length > maxCode) this.#flush();
    this.#code.push(kind);
    if (length !== null) this.#code.push(length);
    for (const member of members) this.#code.push(this.#token(member));
  }

  #token(member: unknown): number {
    if (typeof member === "object" && member !== null) return this.#numbers.get(member) as number;
    if (typeof member === "function" || typeof member === "symbol") throw new TypeError("code cannot be packed");
    // To a map it is the same as 0.
    const key = Object.is(member, -0) ? negativeZero : member;
    let index = this.#values.get(key);
    if (index === undefined) this.#values.set(key, (index = this.#values.size));
    return ~index;
  }

  #shapeOf(object: object): number {
    const prototype: unknown = Object.getPrototypeOf(object);
    if (prototype !== Object.prototype && prototype !== null)
      throw new TypeError("an object of a class cannot be packed");
    let shape = this.#root;
    const keys = Object.keys(object);
    for (const key of keys) {
      let next = shape.next.get(key);
      if (next === undefined) shape.next.set(key, (next = { number: -1, next: new Map() }));
      shape = next;
    }
    return shape.number < 0 ? this.#addShape(shape, keys) : shape.number;
  }

  #addShape(shape: Shape, keys: readonly string[]): number {
    shape.number = this.#shapeCount;
    this.#shapeCount += 1;
    this.#shapes.push(keys);
    return shape.number;
  }

  #reveal(secret: Secret): readonly string[] {
    if (!this.#secrets) throw new TypeError(`the secret from ${secret.origin} does not leave this thread`);
    return [secret.origin, secret.reveal()];
  }

  #flush(): void {
    const values = [...this.#values.keys()].map((value) => (value === negativeZero ? -0 : value));
    this.#chunks.push({
      code: sharedCode(this.#code),
      text: sharedBytes(serialize({ shapes: this.#shapes, values } satisfies ChunkText)),
    });
    this.#code = [];
    this.#shapes = [];
    this.#values = new Map();
  }
}

function entriesOf(map: ReadonlyMap<unknown, unknown>): unknown[] {
  const entries: unknown[] = [];
  for (const [key, member] of map) entries.push(key, member);
  return entries;
}

function sharedCode(code: readonly number[]): Int32Array<SharedArrayBuffer> {
  const shared = new Int32Array(new SharedArrayBuffer(code.length * Int32Array.BYTES_PER_ELEMENT));
  shared.set(code);
  return shared;
}

function sharedBytes(bytes: Uint8Array): Uint8Array<SharedArrayBuffer> {
  const shared = new Uint8Array(new SharedArrayBuffer(bytes.length));
  shared.set(bytes);
  return shared;
}
