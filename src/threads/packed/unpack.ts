import { deserialize } from "node:v8";
import type { Steps } from "#lib/slices.ts";
import { Secret } from "#model/secret.ts";
import { arrayKind, type ChunkText, mapKind, type PackedChunk, type PackedValue, secretKind } from "./packed-value.ts";

/** A key that came from a file is a key, and never a prototype. */
const usual = { configurable: true, enumerable: true, writable: true };

/** Objects between two places to leave at. */
const stride = 32;

/** Reads what `pack` wrote, and freezes objects and lists; nothing freezes a map. The type is its writer's word: both ends are of one process and one version. */
export function* unpack<Value>({ chunks }: PackedValue): Steps<Value> {
  const objects: unknown[] = [];
  const shapes: (readonly string[])[] = [];
  for (const chunk of chunks) {
    const reader = new ChunkReader(chunk, objects, shapes);
    yield;
    while (reader.readSome(stride)) yield;
  }
  return (objects.at(-1) as [Value])[0];
}

class ChunkReader {
  readonly #code: Int32Array;
  readonly #values: readonly unknown[];
  readonly #objects: unknown[];
  readonly #shapes: readonly (readonly string[])[];
  #at = 0;

  constructor({ code, text }: PackedChunk, objects: unknown[], shapes: (readonly string[])[]) {
    const { shapes: added, values } = deserialize(text) as ChunkText;
    shapes.push(...added);
    this.#code = code;
    this.#values = values;
    this.#objects = objects;
    this.#shapes = shapes;
  }

  /** False at the end of the chunk. */
  readSome(count: number): boolean {
    const { length } = this.#code;
    for (let read = 0; read < count && this.#at < length; read += 1) this.#objects.push(this.#object());
    return this.#at < length;
  }

  #object(): unknown {
    const kind = this.#next();
    if (kind === arrayKind) return this.#array();
    if (kind === mapKind) return this.#map();
    if (kind === secretKind) return new Secret(this.#member() as string, this.#member() as string);
    const object: Record<string, unknown> = {};
    for (const key of this.#shapes[kind] as readonly string[]) {
      if (key === "__proto__") Object.defineProperty(object, key, { ...usual, value: this.#member() });
      else object[key] = this.#member();
    }
    return Object.freeze(object);
  }

  #array(): readonly unknown[] {
    const array: unknown[] = [];
    for (let left = this.#next(); left > 0; left -= 1) array.push(this.#member());
    return Object.freeze(array);
  }

  #map(): Map<unknown, unknown> {
    const map = new Map<unknown, unknown>();
    for (let left = this.#next(); left > 0; left -= 1) map.set(this.#member(), this.#member());
    return map;
  }

  #member(): unknown {
    const token = this.#next();
    return token < 0 ? this.#values[~token] : this.#objects[token];
  }

  #next(): number {
    const next = this.#code[this.#at] as number;
    this.#at += 1;
    return next;
  }
}
