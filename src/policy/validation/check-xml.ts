import type { HeaderList } from "#model/header-list.ts";
import type { XmlSchema } from "#model/operation-description.ts";
import { charsetOf } from "#policy/charset.ts";
import type { XmlSchemaSource } from "#policy/transforms/jobs.ts";
import { ownBytes, type Transforms } from "#policy/transforms/transforms.ts";
import { noSuchSchema } from "./no-such-schema.ts";

/**
 * Holds bodies to a schema for XML: beside this thread whatever their size, since a short document can keep the reader
 * busy with the schema's patterns and keys.
 * @throws GatewayError `definition-invalid`
 */
export function linkXmlCheck(
  schemas: readonly XmlSchema[],
  name: string | undefined,
  transforms: Transforms,
): (body: Uint8Array, headers: HeaderList) => Promise<string | undefined> {
  const schema = schemas.find((one) => one.name === name);
  if (schema === undefined) throw noSuchSchema();
  const asset = { key: schema.key, value: schema satisfies XmlSchemaSource };
  return async (body, headers) => {
    const request = { body: ownBytes(body), charset: charsetOf(headers) };
    return (await transforms.run("xml-schema", request, body.byteLength, asset)) ?? undefined;
  };
}
