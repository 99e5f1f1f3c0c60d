import type { HeaderList } from "#model/header-list.ts";
import type { XmlSchema } from "#model/operation-description.ts";
import { charsetOf } from "#policy/charset.ts";
import type { XmlSchemaSource } from "#policy/transforms/jobs.ts";
import { ownBytes, type Transforms } from "#policy/transforms/transforms.ts";

/** What a body is: XML, or an envelope of SOAP in a message of that direction. */
export type XmlKind = "xml" | NonNullable<XmlSchemaSource["soap"]>;

/**
 * Holds a body to a schema for XML: beside this thread whatever its size, since a short document can keep the reader
 * busy with the schema's patterns and keys. @returns what is wrong; undefined: nothing
 */
export async function checkXml(
  body: Uint8Array,
  headers: HeaderList,
  { key, documents, namespace }: XmlSchema,
  kind: XmlKind,
  transforms: Transforms,
): Promise<string | undefined> {
  const source: XmlSchemaSource = { documents, namespace, ...(kind === "xml" ? {} : { soap: kind }) };
  const request = { body: ownBytes(body), charset: charsetOf(headers) };
  const asset = { key: `${kind} ${key}`, value: source };
  return (await transforms.run("xml-schema", request, body.byteLength, asset)) ?? undefined;
}
