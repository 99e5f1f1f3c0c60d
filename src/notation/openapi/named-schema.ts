import type { DescribedSchema, SchemaDraft } from "#model/operation-description.ts";
import type { Problems } from "#notation/problems.ts";
import { child, scalarText } from "#notation/yaml/child.ts";
import type { YamlFile } from "#notation/yaml/yaml-file.ts";
import { readSchema } from "./json-schema.ts";
import { noValues, type OpenApiReading } from "./openapi-reading.ts";
import { lookUp } from "./references.ts";

/** By `$schema`, without what differs in how it is written. */
const drafts: Readonly<Record<string, SchemaDraft>> = {
  "json-schema.org/draft-04/schema": "4",
  "json-schema.org/draft-06/schema": "7",
  "json-schema.org/draft-07/schema": "7",
  "json-schema.org/draft/2019-09/schema": "2019-09",
  "json-schema.org/draft/2020-12/schema": "2020-12",
};

/**
 * Reads parts of a document as schemas: of a JSON Schema, or of an OpenAPI document, which has some.
 * @param pointers `#/$defs/order`; "": the whole
 * @returns those that could be had, by their pointers
 */
export function readNamedSchemas(
  file: YamlFile,
  problems: Problems,
  pointers: readonly string[],
): ReadonlyMap<string, DescribedSchema> {
  const root = file.root(problems);
  const reading: OpenApiReading = { file, problems, values: noValues, root };
  const found = new Map<string, DescribedSchema>();
  const kind = kindOf(reading);
  if (kind === undefined) return found;
  for (const pointer of pointers) {
    const slot = pointer === "" ? root : lookUp(reading, pointer);
    if (slot === undefined) {
      problems.error("schema-invalid", root.at, `${pointer.slice(0, 200)} does not exist`, "name a part that there is");
      continue;
    }
    const schema = readSchema(reading, slot, kind.draft, kind.dialect);
    if (schema !== null) found.set(pointer, schema);
  }
  return found;
}

interface Kind {
  readonly draft: SchemaDraft;
  readonly dialect: "openapi" | "json-schema";
}

function kindOf(reading: OpenApiReading): Kind | undefined {
  const openapi = scalarText(child(reading, reading.root, "openapi"));
  if (openapi !== undefined) return { draft: openapi.startsWith("3.0") ? "4" : "2020-12", dialect: "openapi" };
  const slot = child(reading, reading.root, "$schema");
  if (slot === undefined) return { draft: "2020-12", dialect: "json-schema" };
  const written = scalarText(slot) ?? "";
  const draft = drafts[written.replace(/^https?:\/\//, "").replace(/#$/, "")];
  if (draft !== undefined) return { draft, dialect: "json-schema" };
  const message = `${written.slice(0, 100)} is no draft that is known`;
  reading.problems.error("schema-invalid", slot.at, message, "use draft 4, 6, 7, 2019-09 or 2020-12");
  return undefined;
}
