import { isMap } from "yaml";
import type { ResponseExample } from "#model/definition.ts";
import { readEntries, readItems } from "#notation/yaml/collections.ts";
import type { Slot, SlotEntry } from "#notation/yaml/slot.ts";
import { child, scalarText } from "#notation/yaml/child.ts";
import { plainValue } from "./plain-value.ts";
import type { OpenApiReading } from "./openapi-reading.ts";
import { follow } from "./references.ts";
import { exampleOfSchema, newBudget } from "./schema-example.ts";

/** An example is held in every worker's memory. */
const maxBody = 64 * 1024;

/** Example bodies of an operation's responses: `example`, each of `examples`, else one made from the schema. */
export function readExamples(reading: OpenApiReading, operation: Slot): readonly ResponseExample[] {
  return mapEntries(reading, child(reading, operation, "responses")).flatMap((entry) => {
    const response = follow(reading, entry.slot);
    const status = /^[1-5]\d\d$/.test(entry.key) ? Number(entry.key) : undefined;
    if (response === undefined || status === undefined) return [];
    if (isSwagger(reading)) return swaggerExamples(reading, operation, response, status);
    return mapEntries(reading, child(reading, response, "content")).flatMap(({ key, slot }) =>
      bodies(reading, slot, key).map((body) => ({ status, contentType: key, body })),
    );
  });
}

function isSwagger(reading: OpenApiReading): boolean {
  return child(reading, reading.root, "swagger") !== undefined;
}

/** Swagger 2.0 has examples by media type, and one schema for all that the operation, or the document, produces. */
function swaggerExamples(
  reading: OpenApiReading,
  operation: Slot,
  response: Slot,
  status: number,
): readonly ResponseExample[] {
  const written = mapEntries(reading, child(reading, response, "examples"));
  const examples = written.map(({ key, slot }) => [key, plainValue(slot)] as const);
  const produces = child(reading, operation, "produces") ?? child(reading, reading.root, "produces");
  const [type = "application/json"] = produces === undefined ? [] : readItems(reading, produces).map(scalarText);
  const values = examples.length > 0 ? examples : [[type, fromSchema(reading, response)] as const];
  return values
    .filter(([, value]) => value !== undefined)
    .map(([contentType, value]) => ({ status, contentType, body: render(value, contentType) }))
    .filter(({ body }) => body.length <= maxBody);
}

function bodies(reading: OpenApiReading, media: Slot, contentType: string): readonly string[] {
  const written = writtenExamples(reading, media).map(plainValue);
  const values = written.length > 0 ? written : [fromSchema(reading, media)];
  return values
    .filter((value) => value !== undefined)
    .map((value) => render(value, contentType))
    .filter((body) => body.length <= maxBody);
}

function writtenExamples(reading: OpenApiReading, media: Slot): readonly Slot[] {
  const single = child(reading, media, "example");
  if (single !== undefined) return [single];
  return mapEntries(reading, child(reading, media, "examples")).flatMap(({ slot }) => {
    const followed = follow(reading, slot);
    const value = followed === undefined ? undefined : child(reading, followed, "value");
    return value === undefined ? [] : [value];
  });
}

function fromSchema(reading: OpenApiReading, media: Slot): unknown {
  const schema = child(reading, media, "schema");
  return schema === undefined ? undefined : exampleOfSchema(reading, schema, newBudget(), 0);
}

function render(value: unknown, contentType: string): string {
  const isJson = /[/+]json\b/i.test(contentType);
  return typeof value === "string" && !isJson ? value : JSON.stringify(value);
}

function mapEntries(reading: OpenApiReading, slot: Slot | undefined): readonly SlotEntry[] {
  return slot !== undefined && isMap(slot.node) ? (readEntries(reading, slot, "a map") ?? []) : [];
}
