import { isMap, isSeq } from "yaml";
import type {
  DescribedContent,
  DescribedParameter,
  DescribedResponse,
  OperationDescription,
  SchemaDraft,
} from "#model/operation-description.ts";
import { child, scalarText } from "#notation/yaml/child.ts";
import { readEntries, readItems } from "#notation/yaml/collections.ts";
import type { Slot, SlotEntry } from "#notation/yaml/slot.ts";
import { readSchema } from "./json-schema.ts";
import type { OpenApiReading } from "./openapi-reading.ts";
import { follow } from "./references.ts";

/** What the document says of an operation's messages. `path` holds what it says for all operations of the path. */
export function readDescription(reading: OpenApiReading, path: Slot, operation: Slot): OperationDescription {
  const draft: SchemaDraft =
    scalarText(child(reading, reading.root, "openapi"))?.startsWith("3.0") === true ? "4" : "2020-12";
  const parameters = new Map<string, DescribedParameter>();
  for (const parameter of [path, operation].flatMap((slot) => readParameters(reading, slot, draft))) {
    parameters.set(`${parameter.place} ${parameter.name.toLowerCase()}`, parameter);
  }
  const body = followed(reading, child(reading, operation, "requestBody"));
  return {
    parameters: [...parameters.values()],
    request: body === undefined ? [] : readContents(reading, body, draft),
    responses: entriesOf(reading, child(reading, operation, "responses")).flatMap((entry) =>
      readResponse(reading, entry, draft),
    ),
  };
}

/** Names of parameters of the query that a request must have. */
export function readRequiredQuery(reading: OpenApiReading, path: Slot, operation: Slot): readonly string[] {
  const required = new Map<string, boolean>();
  for (const slot of [path, operation].flatMap((where) => parameterSlots(reading, where))) {
    const name = scalarText(child(reading, slot, "name"));
    if (name === undefined || scalarText(child(reading, slot, "in")) !== "query") continue;
    required.set(name, scalarText(child(reading, slot, "required")) === "true");
  }
  return [...required].filter(([, isRequired]) => isRequired).map(([name]) => name);
}

function parameterSlots(reading: OpenApiReading, slot: Slot): readonly Slot[] {
  const listed = child(reading, slot, "parameters");
  if (listed === undefined || !isSeq(listed.node)) return [];
  return readItems(reading, listed)
    .map((item) => followed(reading, item))
    .filter((found) => found !== undefined);
}

function readParameters(reading: OpenApiReading, slot: Slot, draft: SchemaDraft): readonly DescribedParameter[] {
  return parameterSlots(reading, slot).flatMap((found) => readParameter(reading, found, draft));
}

function readParameter(reading: OpenApiReading, slot: Slot, draft: SchemaDraft): readonly DescribedParameter[] {
  const name = scalarText(child(reading, slot, "name"));
  const place = scalarText(child(reading, slot, "in"));
  if (name === undefined || (place !== "path" && place !== "query" && place !== "header")) return [];
  const explode = scalarText(child(reading, slot, "explode"));
  const style = scalarText(child(reading, slot, "style"));
  const repeated = place === "query" && explode !== "false" && (style === undefined || style === "form");
  return [
    {
      name,
      place,
      required: place === "path" || scalarText(child(reading, slot, "required")) === "true",
      schema: schemaOf(reading, slot, draft),
      list: repeated ? "repeated" : "commas",
    },
  ];
}

function readResponse(
  reading: OpenApiReading,
  { key, slot }: SlotEntry,
  draft: SchemaDraft,
): readonly DescribedResponse[] {
  const response = followed(reading, slot);
  if (response === undefined || !/^([1-5]\d\d|[1-5]XX|default)$/.test(key)) return [];
  const headers = entriesOf(reading, child(reading, response, "headers")).flatMap((entry) => {
    const header = followed(reading, entry.slot);
    if (header === undefined) return [];
    const required = scalarText(child(reading, header, "required")) === "true";
    return [{ name: entry.key, required, schema: schemaOf(reading, header, draft) }];
  });
  return [{ status: key, headers, contents: readContents(reading, response, draft) }];
}

function readContents(reading: OpenApiReading, slot: Slot, draft: SchemaDraft): readonly DescribedContent[] {
  return entriesOf(reading, child(reading, slot, "content")).map(({ key, slot: media }) => ({
    type: (key.split(";", 1)[0] as string).trim().toLowerCase(),
    schema: schemaOf(reading, media, draft),
  }));
}

function schemaOf(reading: OpenApiReading, slot: Slot, draft: SchemaDraft): DescribedContent["schema"] {
  const schema = child(reading, slot, "schema");
  return schema === undefined ? null : readSchema(reading, schema, draft);
}

function followed(reading: OpenApiReading, slot: Slot | undefined): Slot | undefined {
  return slot === undefined ? undefined : follow(reading, slot);
}

function entriesOf(reading: OpenApiReading, slot: Slot | undefined): readonly SlotEntry[] {
  return slot !== undefined && isMap(slot.node) ? (readEntries(reading, slot, "a map") ?? []) : [];
}
