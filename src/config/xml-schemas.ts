import { basename, dirname, resolve } from "node:path";
import { loadXsd } from "#notation/xsd/library.ts";
import type { XsdDocuments } from "#notation/xsd/compile-xsd.ts";
import { type FindXsd, readXsd, type XsdSource } from "#notation/xsd/read-xsd.ts";
import type { Problems } from "#notation/problems.ts";
import { type DefinitionFiles, schemaFile } from "./files.ts";
import type { Named } from "./shapes/record.ts";
import type { SchemaInput } from "./table/schema.ts";

/**
 * Schemas for XML, each with all that it includes and imports: other schemas of the definition, and nothing else.
 * @param used names of those that policies name; the others may be parts of these
 * @returns those that can be compiled, by name; what is wrong with others is reported
 */
export async function readXmlSchemas(
  schemas: readonly Named<SchemaInput>[],
  used: ReadonlySet<string>,
  files: DefinitionFiles,
  problems: Problems,
): Promise<ReadonlyMap<string, XsdDocuments>> {
  const sources = new Map<string, XsdSource>();
  for (const { name, at, value } of schemas) {
    if ((value.xml === undefined) === (value.json === undefined))
      problems.error("value-invalid", at, `the schema ${name} is for JSON or for XML`, "say json or xml: a file");
    if (value.xml === undefined) continue;
    const text = await files.text(value.xml.value, value.xml.at, schemaFile);
    if (text !== undefined) sources.set(name, { path: files.resolve(value.xml.value), text });
  }
  const wanted = [...sources].filter(([name]) => used.has(name));
  const found = new Map<string, XsdDocuments>();
  if (wanted.length === 0) return found;
  const { libxml2 } = await loadXsd();
  for (const [name, source] of wanted) {
    const read = readXsd(libxml2, source, finderIn(sources));
    if ("documents" in read) found.set(name, read.documents);
    else {
      for (const { path, line, column, message } of read.problems)
        problems.error("schema-invalid", { file: path, line, column }, message, fix);
    }
  }
  return found;
}

const fix = "correct the schema; what it includes or imports is another one under schemas, by file or name";

/** By its file, as the location leads to it, or by name: of the schema, or of the file at the end of the location. */
function finderIn(sources: ReadonlyMap<string, XsdSource>): FindXsd {
  const all = [...sources.values()];
  return (location, from) => {
    const path = resolve(dirname(from.path), location);
    const last = basename(location);
    return (
      all.find((one) => one.path === path) ??
      sources.get(location) ??
      sources.get(last) ??
      sources.get(last.replace(/\.xsd$/, "")) ??
      all.find((one) => basename(one.path) === last)
    );
  };
}
