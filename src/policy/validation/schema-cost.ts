import type { DescribedSchema } from "#model/operation-description.ts";

const known = new WeakMap<DescribedSchema, boolean>();

/** Whether items are compared with each other: a list of 20,000 is then 200 million comparisons, however short they are. */
export function comparesItems(described: DescribedSchema): boolean {
  let found = known.get(described);
  if (found === undefined) known.set(described, (found = says(described.schema)));
  return found;
}

function says(part: unknown): boolean {
  if (typeof part !== "object" || part === null) return false;
  if (Reflect.get(part, "uniqueItems") === true) return true;
  return Object.values(part).some(says);
}
