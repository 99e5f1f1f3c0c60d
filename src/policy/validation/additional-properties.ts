import type { DescribedSchema } from "#model/operation-description.ts";

const made = new WeakMap<DescribedSchema, Map<boolean, DescribedSchema>>();

/** The schema with another word on properties that it does not name, everywhere in it. Made once for each. */
export function withAdditional(described: DescribedSchema, allowed: boolean): DescribedSchema {
  let both = made.get(described);
  if (both === undefined) made.set(described, (both = new Map()));
  let other = both.get(allowed);
  if (other === undefined) {
    const schema = changed(described.schema, allowed) as DescribedSchema["schema"];
    both.set(allowed, (other = { draft: described.draft, schema }));
  }
  return other;
}

/** Members of `properties` and `$defs` are names, not words of the schema. */
function changed(part: unknown, allowed: boolean): unknown {
  if (Array.isArray(part)) return part.map((item: unknown) => changed(item, allowed));
  if (typeof part !== "object" || part === null) return part;
  const entries = Object.entries(part).map(([key, value]) => {
    if (key === "enum" || key === "const" || key === "default") return [key, value] as const;
    return [
      key,
      key === "properties" || key === "$defs" ? changedEach(value, allowed) : changed(value, allowed),
    ] as const;
  });
  const schema = Object.fromEntries(entries);
  return "properties" in part ? { ...schema, additionalProperties: allowed } : schema;
}

function changedEach(named: unknown, allowed: boolean): unknown {
  if (typeof named !== "object" || named === null) return named;
  return Object.fromEntries(Object.entries(named).map(([name, schema]) => [name, changed(schema, allowed)]));
}
