import { isMap, isSeq } from "yaml";
import { readEntries, readItems } from "#notation/yaml/collections.ts";
import type { Slot } from "#notation/yaml/slot.ts";
import { child } from "#notation/yaml/child.ts";
import { plainValue } from "./plain-value.ts";
import type { OpenApiReading } from "./openapi-reading.ts";
import { follow } from "./references.ts";

/** Schemas refer to themselves; an example of a tree is one that stops. */
const maxDepth = 8;

/** Properties that all lead back to the whole would multiply with each level. */
const maxSchemas = 1000;

export interface SchemaBudget {
  left: number;
}

export function newBudget(): SchemaBudget {
  return { left: maxSchemas };
}

/**
 * The example a schema carries: its own `example`, the first of its `examples`, its `default`, or one put together
 * from those of its properties or items. Undefined when nothing is said: values are not invented.
 */
export function exampleOfSchema(reading: OpenApiReading, slot: Slot, budget: SchemaBudget, depth: number): unknown {
  budget.left -= 1;
  if (depth > maxDepth || budget.left < 0) return undefined;
  const schema = follow(reading, slot);
  if (schema === undefined) return undefined;
  return (
    ownExample(reading, schema) ??
    ofProperties(reading, schema, budget, depth) ??
    ofItems(reading, schema, budget, depth)
  );
}

function ownExample(reading: OpenApiReading, schema: Slot): unknown {
  const example = child(reading, schema, "example");
  if (example !== undefined) return plainValue(example);
  const examples = child(reading, schema, "examples");
  const [first] = examples !== undefined && isSeq(examples.node) ? readItems(reading, examples) : [];
  const other = first ?? child(reading, schema, "default");
  return other === undefined ? undefined : plainValue(other);
}

function ofProperties(reading: OpenApiReading, schema: Slot, budget: SchemaBudget, depth: number): unknown {
  const properties = child(reading, schema, "properties");
  if (properties === undefined || !isMap(properties.node)) return undefined;
  const found = (readEntries(reading, properties, "properties") ?? [])
    .map(({ key, slot }) => [key, exampleOfSchema(reading, slot, budget, depth + 1)] as const)
    .filter(([, value]) => value !== undefined);
  return found.length === 0 ? undefined : Object.fromEntries(found);
}

function ofItems(reading: OpenApiReading, schema: Slot, budget: SchemaBudget, depth: number): unknown {
  const items = child(reading, schema, "items");
  const item = items === undefined ? undefined : exampleOfSchema(reading, items, budget, depth + 1);
  return item === undefined ? undefined : [item];
}
