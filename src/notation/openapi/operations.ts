import type { Operation } from "#model/definition.ts";
import { type OperationTemplate, parseOperationTemplate } from "#notation/operation-template.ts";
import type { Problems } from "#notation/problems.ts";
import { readEntries } from "#notation/yaml/collections.ts";
import type { Slot, SlotEntry } from "#notation/yaml/slot.ts";
import { reportType } from "#notation/yaml/wrong-type.ts";
import type { YamlFile } from "#notation/yaml/yaml-file.ts";
import { child, scalarText } from "#notation/yaml/child.ts";
import { readDescription, readRequiredQuery } from "./description.ts";
import { readExamples } from "./examples.ts";
import type { OpenApiReading } from "./openapi-reading.ts";
import { follow } from "./references.ts";
import { noValues } from "./openapi-reading.ts";

/** What a document says of an operation; who may call it and its policies come from the definition. */
export type DescribedOperation = Pick<
  Operation,
  "name" | "displayName" | "method" | "template" | "query" | "examples" | "description" | "at"
> & {
  /** Names of the query's parameters that it requires; absent: none, or they were not asked for. */
  readonly requiredQuery?: readonly string[];
};

interface Asked {
  readonly describes: boolean;
  readonly matchesQuery: boolean;
}

const methods: ReadonlySet<string> = new Set(["get", "put", "post", "delete", "options", "head", "patch", "trace"]);
const operationName = /^[A-Za-z0-9_][\w.:/-]{0,119}$/;

/**
 * Reads the operations of an OpenAPI 3.0 or 3.1 document, or of a Swagger 2.0 one. `servers`, `host`, `basePath`,
 * security and parameters are not looked at: where an API is and who may call it is the definition's business.
 *
 * @param describes messages and parameters are read too, for policies that validate: in large documents that takes time
 * @param matchesQuery parameters that the query must have are read, since they tell operations apart
 */
export function readOpenApi(
  file: YamlFile,
  problems: Problems,
  describes: boolean = false,
  matchesQuery: boolean = false,
): readonly DescribedOperation[] {
  const root = file.root(problems);
  const reading: OpenApiReading = { file, problems, values: noValues, root };
  if (!isSupported(reading, root)) return [];
  const paths = child(reading, root, "paths");
  if (paths === undefined) return [];
  const entries = readEntries(reading, paths, "a map from paths to operations") ?? [];
  return entries
    .filter(({ key }) => !key.startsWith("x-"))
    .flatMap((entry) => readPath(reading, entry, { describes, matchesQuery }));
}

function isSupported(reading: OpenApiReading, root: Slot): boolean {
  if (readEntries(reading, root, "an OpenAPI document") === undefined) return false;
  const version = scalarText(child(reading, root, "openapi"));
  if (version !== undefined && /^3\.[01](\.\d+)?$/.test(version)) return true;
  const swagger = scalarText(child(reading, root, "swagger"));
  if (version === undefined && swagger === "2.0") return true;
  const found = version ?? swagger;
  const message = found === undefined ? "this is not an OpenAPI document" : `OpenAPI ${found} is not supported`;
  reading.problems.error("openapi-invalid", root.at, message, "convert it to OpenAPI 3.1 (openapi: 3.1.0)");
  return false;
}

function readPath(reading: OpenApiReading, { key, at, slot }: SlotEntry, asked: Asked): readonly DescribedOperation[] {
  const parsed = parseOperationTemplate(key);
  if ("problem" in parsed) {
    reading.problems.error("template-invalid", at, parsed.problem, parsed.fix);
    return [];
  }
  const item = follow(reading, slot);
  const entries = item === undefined ? [] : (readEntries(reading, item, "a path's operations") ?? []);
  return entries
    .filter((entry) => methods.has(entry.key))
    .map((entry) => readOperation(reading, parsed, entry, item as Slot, asked))
    .filter((operation) => operation !== undefined);
}

/** @param path what is said for all operations of the path */
function readOperation(
  reading: OpenApiReading,
  { template, query }: OperationTemplate,
  entry: SlotEntry,
  path: Slot,
  { describes, matchesQuery }: Asked,
): DescribedOperation | undefined {
  const slot = follow(reading, entry.slot);
  if (slot === undefined) return undefined;
  if (readEntries(reading, slot, "an operation") === undefined) return undefined;
  const name = nameOf(reading, slot, entry.key, template);
  return {
    name,
    displayName: scalarText(child(reading, slot, "summary")) ?? name,
    method: entry.key.toUpperCase(),
    template,
    ...(query.length === 0 ? {} : { query }),
    ...(matchesQuery ? { requiredQuery: readRequiredQuery(reading, path, slot) } : {}),
    examples: readExamples(reading, slot),
    description: describes ? readDescription(reading, path, slot) : null,
    at: entry.at,
  };
}

/** The operationId where it can serve as a name, else `get-orders-id`. */
function nameOf(reading: OpenApiReading, slot: Slot, method: string, template: string): string {
  const id = child(reading, slot, "operationId");
  const text = scalarText(id);
  if (text !== undefined && operationName.test(text)) return text;
  if (id !== undefined && text === undefined) reportType(reading, id, "a string");
  const words = template.split(/[^A-Za-z0-9]+/).filter((word) => word !== "");
  return [method, ...words].join("-").slice(0, 120);
}
