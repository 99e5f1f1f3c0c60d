import { createHash } from "node:crypto";
import type { NamedSchema, NamedXmlSchema, XmlSchema } from "#model/operation-description.ts";
import type { Argument } from "#model/policy-tree.ts";
import type { XsdSet } from "#notation/xsd/read-xsd.ts";
import type { ArgumentUse } from "#notation/policies/policy-reading.ts";
import type { Resources } from "#config/resources.ts";
import type { Named } from "#config/shapes/record.ts";
import type { ApiInput } from "#config/table/api.ts";
import type { SchemaInput } from "#config/table/schema.ts";

/** A schema that a policy names, or a part of it. */
interface SchemaUse {
  readonly name: string;
  readonly kind: "json" | "xml";
  /** "": the whole. */
  readonly pointer: string;
}

/** What one `validate-content` names. @param use the argument that each of them must have, so that it is said once */
export function schemasOf({ policy, argument, args }: ArgumentUse): readonly SchemaUse[] {
  if (policy !== "validate-content" || argument !== "maxSize") return [];
  const { content } = args;
  return (content?.kind === "list" ? content.items : []).flatMap((item) => {
    const { schemaId, schemaRef, validateAs } = item.kind === "map" ? item.entries : {};
    const name = textOf(schemaId);
    return name === undefined
      ? []
      : [{ name, pointer: textOf(schemaRef) ?? "", kind: textOf(validateAs) === "json" ? "json" : "xml" }];
  });
}

/** A policy holds XML, or what is in SOAP, to schemas of the API itself. */
export function asksForWsdl(policy: string, { content }: ArgumentUse["args"]): boolean {
  if (policy !== "validate-content" || content?.kind !== "list") return false;
  return content.items.some((item) => {
    const { schemaId, validateAs } = item.kind === "map" ? item.entries : {};
    return schemaId === undefined && textOf(validateAs) !== "json";
  });
}

function textOf(argument: Argument | undefined): string | undefined {
  return argument?.kind === "literal" ? String(argument.value) : undefined;
}

/** Only what policies name: the rest of a large document would be in every worker's memory for nothing. */
export function buildSchemas(
  schemas: readonly Named<SchemaInput>[],
  { schemas: read }: Resources,
): readonly NamedSchema[] {
  return schemas.flatMap(({ name, value }) =>
    [...(read.get(value.json?.value ?? "") ?? [])].map(([pointer, schema]) => ({ name, pointer, schema })),
  );
}

export function buildXmlSchemas({ xmlSchemas }: Resources): readonly NamedXmlSchema[] {
  return [...xmlSchemas].map(([name, set]) => ({ name, ...keyed(set) }));
}

/** Of the WSDL that an API names. */
export function buildApiSchema(file: ApiInput["wsdl"], { wsdlSchemas }: Resources): { readonly xmlSchema?: XmlSchema } {
  const set = file && wsdlSchemas.get(file.value);
  return set === undefined ? {} : { xmlSchema: keyed(set) };
}

function keyed({ documents, namespace }: XsdSet): XmlSchema {
  const key = createHash("sha256").update(JSON.stringify(documents)).digest("base64");
  return { key, documents, namespace };
}

/** Parts that policies name of each file. */
export function schemaParts(
  schemas: readonly Named<SchemaInput>[],
  uses: readonly ArgumentUse[],
): ReadonlyMap<string, readonly string[]> {
  const named = uses.flatMap(schemasOf);
  const parts = new Map<string, Set<string>>();
  for (const { name, value } of schemas) {
    if (value.json === undefined) continue;
    const pointers = parts.get(value.json.value) ?? new Set<string>();
    for (const use of named) if (use.name === name) pointers.add(use.pointer);
    parts.set(value.json.value, pointers);
  }
  return new Map([...parts].map(([file, pointers]) => [file, [...pointers]]));
}
