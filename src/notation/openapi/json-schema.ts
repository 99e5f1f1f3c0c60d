import { isAlias, isMap, isScalar, isSeq, type Node } from "yaml";
import { RE2JS } from "re2js";
import {
  type DescribedSchema,
  type JsonSchema,
  patternFormat,
  type SchemaDraft,
} from "#model/operation-description.ts";
import type { Slot } from "#notation/yaml/slot.ts";
import type { OpenApiReading } from "./openapi-reading.ts";
import { lookUp } from "./references.ts";

const maxDepth = 64;
/** Parts of one schema, all that it refers to included: it is held in every worker's memory. */
const maxParts = 20_000;

/** Whose words a schema is written in: OpenAPI 3.0 has `nullable`. */
type Dialect = "openapi" | "json-schema";

/**
 * A schema of the document, with all that it refers to, as one JSON Schema.
 * @returns null, and reported, when it cannot be had: whatever it was to hold back is refused then
 */
export function readSchema(
  reading: OpenApiReading,
  slot: Slot,
  draft: SchemaDraft,
  dialect: Dialect = "openapi",
): DescribedSchema | null {
  const conversion = new Conversion(reading, draft, dialect);
  const schema = conversion.whole(slot);
  return schema === null ? null : { draft, schema };
}

class Conversion {
  readonly #reading: OpenApiReading;
  readonly #draft: SchemaDraft;
  readonly #dialect: Dialect;
  readonly #names = new Map<string, string>();
  readonly #definitions: Record<string, unknown> = {};
  #left = maxParts;
  #problem: string | undefined;

  constructor(reading: OpenApiReading, draft: SchemaDraft, dialect: Dialect) {
    this.#reading = reading;
    this.#draft = draft;
    this.#dialect = dialect;
  }

  whole(slot: Slot): JsonSchema | null {
    const schema = this.#value(slot.node, 0);
    if (this.#problem !== undefined) {
      const code = this.#dialect === "openapi" ? "openapi-invalid" : "schema-invalid";
      this.#reading.problems.error(code, slot.at, `this schema ${this.#problem}`);
      return null;
    }
    const definitions = this.#names.size === 0 ? {} : { $defs: this.#definitions };
    if (typeof schema === "boolean") return schema ? definitions : { not: {} };
    return isObject(schema) ? { ...schema, ...definitions } : null;
  }

  #value(node: Node | null, depth: number): unknown {
    this.#left -= 1;
    if (depth > maxDepth || this.#left < 0) this.#problem ??= "is too large or nested too deep";
    if (this.#problem !== undefined || node === null) return null;
    if (isAlias(node)) return void (this.#problem = "has aliases");
    if (isScalar(node)) return node.value;
    if (isSeq(node)) return node.items.map((item) => this.#value(item as Node | null, depth + 1));
    return isMap(node) ? this.#object(entriesOf(node), depth) : null;
  }

  #object(entries: ReadonlyMap<string, Node | null>, depth: number): unknown {
    const reference = entries.get("$ref");
    if (isScalar(reference) && typeof reference.value === "string") {
      const referred = this.#reference(reference.value, depth);
      return this.#standsAlone || entries.size === 1 ? referred : this.#beside(referred, entries, depth);
    }
    const object: Record<string, unknown> = {};
    for (const [key, node] of entries) {
      if (!annotations.has(key)) define(object, key, this.#value(node, depth + 1));
    }
    return this.#adapted(object);
  }

  /** Each target once: schemas refer to themselves. */
  #reference(pointer: string, depth: number): JsonSchema | null {
    const known = this.#names.get(pointer);
    if (known !== undefined) return { $ref: known };
    const target = this.#target(pointer);
    if (target === undefined) {
      this.#problem ??= "refers to what is not in this document";
      return null;
    }
    const name = `d${this.#names.size}`;
    this.#names.set(pointer, `#/$defs/${name}`);
    this.#definitions[name] = this.#value(target.node, depth + 1);
    return { $ref: `#/$defs/${name}` };
  }

  /** In older drafts nothing counts beside a reference. */
  get #standsAlone(): boolean {
    return this.#dialect === "openapi" || this.#draft === "4" || this.#draft === "7";
  }

  #beside(referred: JsonSchema | null, entries: ReadonlyMap<string, Node | null>, depth: number): unknown {
    const rest = this.#object(new Map([...entries].filter(([key]) => key !== "$ref")), depth);
    return { allOf: [referred, rest] };
  }

  #target(pointer: string): Slot | undefined {
    if (pointer === "#" && this.#dialect === "json-schema") return this.#reading.root;
    return pointer.startsWith("#/") ? lookUp(this.#reading, pointer) : undefined;
  }

  /** What OpenAPI writes otherwise than JSON Schema, and patterns. */
  #adapted(object: Record<string, unknown>): JsonSchema {
    const { nullable, pattern, ...schema } = object;
    if ("patternProperties" in schema && isObject(schema["patternProperties"])) {
      this.#problem ??= "has patternProperties, which are not supported";
    }
    const word = schemaWords.find((each) => Object.hasOwn(schema, each));
    if (word !== undefined && this.#dialect === "json-schema") this.#problem ??= `has ${word}, which is not supported`;
    if (this.#draft === "4" && this.#dialect === "openapi" && nullable === true && typeof schema["type"] === "string") {
      schema["type"] = [schema["type"], "null"];
      if (Array.isArray(schema["enum"])) schema["enum"] = [...(schema["enum"] as readonly unknown[]), null];
    }
    if (typeof pattern !== "string") return pattern === undefined ? schema : { ...schema, pattern };
    this.#checkPattern(pattern);
    const all = Array.isArray(schema["allOf"]) ? (schema["allOf"] as readonly unknown[]) : [];
    return { ...schema, allOf: [...all, { format: `${patternFormat}${pattern}` }] };
  }

  #checkPattern(pattern: string): void {
    try {
      RE2JS.compile(pattern);
    } catch {
      this.#problem ??= `has a pattern that cannot be run in linear time: ${pattern.slice(0, 80)}`;
    }
  }
}

/** References by other means than a place in the document: not to be followed is not to be held to. */
const schemaWords: readonly string[] = ["$dynamicRef", "$recursiveRef"];

/** Words that validate nothing, and may be large. */
const annotations: ReadonlySet<string> = new Set([
  "example",
  "examples",
  "description",
  "externalDocs",
  "xml",
  "$schema",
  "$id",
  "$comment",
  "discriminator",
]);

function entriesOf(node: { readonly items: readonly { readonly key: unknown; readonly value: unknown }[] }) {
  return new Map(
    node.items.flatMap(({ key, value }) =>
      isScalar(key as Node) ? [[String((key as { value: unknown }).value), value as Node | null] as const] : [],
    ),
  );
}

/** A property of a schema may be called __proto__. */
function define(object: Record<string, unknown>, key: string, value: unknown): void {
  Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
