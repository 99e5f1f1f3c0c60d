import { basename, dirname, resolve } from "node:path";
import { loadXsd } from "#notation/xsd/library.ts";
import { readWsdl } from "#notation/xsd/read-wsdl.ts";
import { type FindXsd, readXsd, type XsdReading, type XsdSet, type XsdSource } from "#notation/xsd/read-xsd.ts";
import type { Problems } from "#notation/problems.ts";
import { type DefinitionFiles, schemaFile, wsdlFile } from "./files.ts";
import type { Located } from "./shapes/shape.ts";
import type { Named } from "./shapes/record.ts";
import type { SchemaInput } from "./table/schema.ts";

export interface XmlSchemas {
  /** By name. */
  readonly xmlSchemas: ReadonlyMap<string, XsdSet>;
  /** By the name that the definition gives the file. */
  readonly wsdlSchemas: ReadonlyMap<string, XsdSet>;
}

/**
 * Schemas for XML, each with all that it includes and imports: other schemas of the definition, and nothing else.
 * @param used names of those that policies name; the others may be parts of these
 * @param wsdls documents whose schemas policies ask for
 * @returns those that can be compiled; what is wrong with others is reported
 */
export async function readXmlSchemas(
  schemas: readonly Named<SchemaInput>[],
  used: ReadonlySet<string>,
  wsdls: readonly Located<string>[],
  files: DefinitionFiles,
  problems: Problems,
): Promise<XmlSchemas> {
  const sources = new Map<string, XsdSource>();
  for (const { name, at, value } of schemas) {
    if ((value.xml === undefined) === (value.json === undefined))
      problems.error("value-invalid", at, `the schema ${name} is for JSON or for XML`, "say json or xml: a file");
    if (value.xml === undefined) continue;
    const text = await files.text(value.xml.value, value.xml.at, schemaFile);
    if (text !== undefined) sources.set(name, { path: files.resolve(value.xml.value), text });
  }
  const wanted = [...sources].filter(([name]) => used.has(name));
  const xmlSchemas = new Map<string, XsdSet>();
  const wsdlSchemas = new Map<string, XsdSet>();
  if (wanted.length + wsdls.length === 0) return { xmlSchemas, wsdlSchemas };
  const { libxml2 } = await loadXsd();
  const find = finderIn(sources);
  for (const [name, source] of wanted) keep(xmlSchemas, name, readXsd(libxml2, source, find), problems);
  for (const { value, at } of wsdls) {
    const text = wsdlSchemas.has(value) ? undefined : await files.text(value, at, wsdlFile);
    if (text === undefined) continue;
    keep(wsdlSchemas, value, readWsdl(libxml2, { path: files.resolve(value), text }, find), problems);
  }
  return { xmlSchemas, wsdlSchemas };
}

function keep(found: Map<string, XsdSet>, name: string, read: XsdReading, problems: Problems): void {
  if ("documents" in read) return void found.set(name, read);
  for (const { path, line, column, message } of read.problems)
    problems.error("schema-invalid", { file: path, line, column }, message, fix);
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
