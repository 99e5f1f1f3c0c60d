import type { DescribedSchema } from "#model/operation-description.ts";

const made = new WeakMap<DescribedSchema, DescribedSchema>();

/** Words whose members are names of properties, with a schema each, or the names that go with one. */
const byName: ReadonlySet<string> = new Set(["properties", "dependentSchemas", "dependentRequired", "dependencies"]);
/** Words whose value is a value of the document, and no schema. */
const plain: ReadonlySet<string> = new Set(["enum", "const", "default", "example", "examples"]);

/** The schema with the names of properties in lower case, for values whose names are. Made once for each. */
export function withFoldedNames(described: DescribedSchema): DescribedSchema {
  let folded = made.get(described);
  if (folded === undefined) {
    const schema = folding(described.schema) as DescribedSchema["schema"];
    made.set(described, (folded = { draft: described.draft, schema }));
  }
  return folded;
}

function folding(part: unknown): unknown {
  if (Array.isArray(part)) return part.map((item: unknown) => folding(item));
  if (typeof part !== "object" || part === null) return part;
  return Object.fromEntries(Object.entries(part).map(([word, value]) => [word, foldingWord(word, value)] as const));
}

function foldingWord(word: string, value: unknown): unknown {
  if (plain.has(word)) return value;
  if (word === "required") return foldedTexts(value);
  if (word === "$defs" || word === "patternProperties") return foldingEach(value, (name) => name);
  return byName.has(word) ? foldingEach(value, (name) => name.toLowerCase()) : folding(value);
}

function foldingEach(named: unknown, fold: (name: string) => string): unknown {
  if (typeof named !== "object" || named === null) return named;
  return Object.fromEntries(
    Object.entries(named).map(([name, inner]) => [fold(name), isTexts(inner) ? foldedTexts(inner) : folding(inner)]),
  );
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}

function foldedTexts(value: unknown): unknown {
  return Array.isArray(value)
    ? value.map((name: unknown) => (typeof name === "string" ? name.toLowerCase() : name))
    : value;
}

/** Of a body; deeper than that no schema looks. */
const maxDepth = 500;

/** A value of JSON with the names in lower case; undefined where an object has one name in two cases, or too deep. */
export function foldNames(value: unknown, depth = 0): { readonly value: unknown } | undefined {
  if (typeof value !== "object" || value === null) return { value };
  if (depth > maxDepth) return undefined;
  if (Array.isArray(value)) {
    const items = value.map((item: unknown) => foldNames(item, depth + 1));
    return items.includes(undefined) ? undefined : { value: items.map((item) => item?.value) };
  }
  const folded = new Map<string, unknown>();
  for (const [name, inner] of Object.entries(value)) {
    const lower = name.toLowerCase();
    const within = foldNames(inner, depth + 1);
    if (within === undefined || folded.has(lower)) return undefined;
    folded.set(lower, within.value);
  }
  return { value: Object.fromEntries(folded) };
}
