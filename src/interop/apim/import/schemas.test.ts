import assert from "node:assert/strict";
import { it } from "node:test";
import { loadText } from "#config/fixture.test-helper.ts";
import { importFolder } from "./import-folder.ts";

const xsd = `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="order"/></xs:schema>`;
const schema = (schemaType: string, more: object): string => JSON.stringify({ properties: { schemaType, ...more } });
const content = `<content type="application/xml" validate-as="xml" schema-id="order" action="prevent" /><content type="application/json" validate-as="json" schema-id="line" action="prevent" />`;

it("schemas of the service come along, and policies find them by name", async () => {
  const texts = {
    "policy.xml": `<policies><inbound><validate-content unspecified-content-type-action="prevent" max-size="1024" size-exceeded-action="prevent">${content}</validate-content></inbound><backend><forward-request /></backend><outbound /><on-error /></policies>`,
    "schemas/order/schemaInformation.json": schema("xml", { value: xsd }),
    "schemas/line/schemaInformation.json": schema("json", { document: { type: "object" } }),
    "schemas/empty/schemaInformation.json": schema("xml", {}),
    "schemas/a b/schemaInformation.json": schema("xml", { value: xsd }),
  };
  const configurations = new Map<string, string>();
  const artifacts = { folder: "in", texts: new Map(Object.entries(texts)), configurations, unread: configurations };
  const { files, report } = importFolder(artifacts, {}, []);
  const { definition, diagnostics } = await loadText(files.get("sallyport.yaml") ?? "", {
    files: Object.fromEntries(files),
  });
  assert.deepEqual(diagnostics, []);
  assert.deepEqual(
    definition?.xmlSchemas.map(({ name }) => name),
    ["order"],
  );
  assert.deepEqual(
    definition?.schemas.map(({ name }) => name),
    ["line"],
  );
  assert.equal(files.get("schemas/order.xsd"), xsd);
  const refused = JSON.stringify(report);
  assert.match(refused, /the schema a b cannot be the name of one/);
  assert.match(refused, /is no schema of JSON or XML with its text/);
});
