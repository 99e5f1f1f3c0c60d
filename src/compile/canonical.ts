import { hash } from "node:crypto";
import type { Definition } from "#model/definition.ts";
import { Secret } from "#model/secret.ts";

/**
 * SHA-256 of what the definition says, hex: the same on every machine and for every spelling of the same content.
 * Where things stand in the files does not count. A secret counts by its origin only: the hash stands in every audit
 * record, and a short secret could be guessed from it.
 */
export function hashDefinition(definition: Definition): string {
  return hash("sha256", canonicalJson({ ...definition, files: undefined, usesVault: undefined }), "hex");
}

/** JSON with sorted keys, without positions and without what is undefined. */
export function canonicalJson(value: unknown): string {
  return new CanonicalWriter().write(value);
}

/** Ten thousand operations are of a few shapes, and share what they leave unsaid: each is looked at once. */
class CanonicalWriter {
  readonly #texts = new Map<object, string>();
  readonly #root: Shape = { order: null, next: new Map() };

  write(value: unknown): string {
    if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
    let text = this.#texts.get(value);
    if (text === undefined) this.#texts.set(value, (text = this.#object(value)));
    return text;
  }

  #object(value: object): string {
    if (Array.isArray(value)) return `[${value.map((item) => this.write(item)).join()}]`;
    if (value instanceof Secret) return `{"secret":${JSON.stringify(value.origin)}}`;
    const secret = isSecretMark(value);
    let text = "";
    for (const { key, written } of this.#orderOf(Object.keys(value))) {
      const member = (value as Readonly<Record<string, unknown>>)[key];
      if (!countsIn(key, member)) continue;
      const hidden = secret && (key === "value" || key === "source");
      text += `${text === "" ? "" : ","}${written}${hidden ? "null" : this.write(member)}`;
    }
    return `{${text}}`;
  }

  #orderOf(keys: readonly string[]): readonly WrittenKey[] {
    let shape = this.#root;
    for (const key of keys) {
      let next = shape.next.get(key);
      if (next === undefined) shape.next.set(key, (next = { order: null, next: new Map() }));
      shape = next;
    }
    return (shape.order ??= orderOf(keys));
  }
}

/** Keys in the order that an object has them. */
interface Shape {
  order: readonly WrittenKey[] | null;
  readonly next: Map<string, Shape>;
}

interface WrittenKey {
  readonly key: string;
  /** As JSON, with the colon. */
  readonly written: string;
}

function orderOf(keys: readonly string[]): readonly WrittenKey[] {
  return keys.toSorted().map((key) => ({ key, written: `${JSON.stringify(key)}:` }));
}

/** A policy's argument may be called `at` as well: a position is known by its shape, which no argument has. */
export function countsIn(key: string, member: unknown): boolean {
  if (member === undefined) return false;
  return key !== "at" || typeof member !== "object" || member === null || !("file" in member) || "kind" in member;
}

/** A literal, or an expression with a secret in its source. */
export function isSecretMark(value: object): boolean {
  return "secret" in value && value.secret === true;
}
