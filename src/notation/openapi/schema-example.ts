import { isMap, isSeq } from "yaml";
import { readEntries, readItems } from "#notation/yaml/collections.ts";
import type { Slot } from "#notation/yaml/slot.ts";
import { child } from "./access.ts";
import { plainValue } from "./plain-value.ts";
import type { OpenApiReading } from "./openapi-reading.ts";
import { follow } from "./references.ts";

/** Schemas refer to themselves; an example of a tree is one that stops. */
const maxDepth = 8;

/**
 * The example a schema carries: its own `example`, the first of its `examples`, its `default`, or one put together
 * from those of its properties or items. Undefined when nothing is said: values are not invented.
 */
export function exampleOfSchema(reading: OpenApiReading, slot: Slot, depth: number): unknown {
  if (depth > maxDepth) return undefined;
  const schema = follow(reading, slot);
  if (schema === undefined) return undefined;
  return ownExample(reading, schema) ?? ofProperties(reading, schema, depth) ?? ofItems(reading, schema, depth);
}

function ownExample(reading: OpenApiReading, schema: Slot): unknown {
  const example = child(reading, schema, "example");
  if (example !== undefined) return plainValue(example);
  const examples = child(reading, schema, "examples");
  const [first] = examples !== undefined && isSeq(examples.node) ? readItems(reading, examples) : [];
  const other = first ?? child(reading, schema, "default");
  return other === undefined ? undefined : plainValue(other);
}

function ofProperties(reading: OpenApiReading, schema: Slot, depth: number): unknown {
  const properties = child(reading, schema, "properties");
  if (properties === undefined || !isMap(properties.node)) return undefined;
  const found = (readEntries(reading, properties, "properties") ?? [])
    .map(({ key, slot }) => [key, exampleOfSchema(reading, slot, depth + 1)] as const)
    .filter(([, value]) => value !== undefined);
  return found.length === 0 ? undefined : Object.fromEntries(found);
}

function ofItems(reading: OpenApiReading, schema: Slot, depth: number): unknown {
  const items = child(reading, schema, "items");
  const item = items === undefined ? undefined : exampleOfSchema(reading, items, depth + 1);
  return item === undefined ? undefined : [item];
}
