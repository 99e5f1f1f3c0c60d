import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parse, stringify } from "yaml";
import type { Definition } from "#model/definition.ts";
import type { OpenDefinition } from "#model/open-definition.ts";
import { sections } from "#model/policy-tree.ts";
import { plainReading } from "#config/plain-reading.ts";
import { apimPolicies, type Export, putPolicies } from "#interop/apim/export/export.ts";
import { plainDocument } from "#interop/apim/plain-tree.ts";
import { ExportReport } from "#interop/apim/export/export-report.ts";
import { catalogue } from "#notation/catalogue/catalogue.ts";
import type { PolicySpec } from "#notation/catalogue/spec.ts";
import type { TokenNames } from "#notation/cel-csharp/principal.ts";
import { checkCsharp } from "#notation/csharp/check.ts";
import { NamedValues } from "#notation/named-values.ts";
import { Problems } from "#notation/problems.ts";
import { readXmlPolicies } from "#notation/xml/policies.ts";
import { scanXml } from "#notation/xml/scan.ts";
import { xmlReading } from "#notation/xml/xml-reading.test-helper.ts";
import { child } from "#notation/yaml/child.ts";
import { parseYaml } from "#notation/yaml/parse.ts";
import { readPolicies } from "#notation/yaml-policies.ts";

/** Examples of the reference that API Management cannot have, and why. One that can must leave the list. */
const impossible: Readonly<Record<string, RegExp>> = {
  "cache-lookup": /^cache-lookup: API Management has no semantics$/,
  "forward-auth": /^API Management has no policy forward-auth$/,
  "return-response": /^CEL without a counterpart in C#: principal.kind has no counterpart in API Management$/,
};

const token: TokenNames = {
  variable: "caller",
  groups: "groups",
  roles: "roles",
  email: "email",
  displayName: "name",
  tenant: "tid",
  subject: ["sub"],
  trustsEmail: true,
  id: "caller-id",
  certain: true,
};

function exportOf(): Export {
  const definition = {
    providers: [{ name: "corp", issuer: "https://idp.example", audiences: [], clockSkewMs: 0 }],
  } as unknown as Definition;
  const open: OpenDefinition = {
    values: [],
    policies: {},
    fragments: [],
    apis: [],
    products: new Map(),
    versionSets: [],
  };
  return {
    definition,
    open,
    report: new ExportReport(),
    form: "rawxml",
    tokens: new Map(),
    files: new Map(),
    trees: new Map(),
  };
}

/** The example as the policies of an API. */
function read(spec: PolicySpec): ReturnType<typeof readPolicies> {
  const allowed = sections.find((one) => spec.sections.includes(one)) ?? "inbound";
  const section = spec.example.includes("forward-request") ? "backend" : allowed;
  const problems = new Problems();
  const text = stringify({ policies: { [section]: [parse(spec.example) as unknown] } });
  const file = parseYaml("sallyport.yaml", text, problems);
  assert.ok(file);
  const reading = plainReading(file, problems, new NamedValues(new Map()), () => undefined);
  const slot = child(reading, file.root(problems), "policies");
  assert.ok(slot);
  const standing = {
    names: [],
    read: (name: string, _place: unknown, at: { file: string; line: number; column: number }) => [
      { name: "include-fragment", at, args: { fragmentId: { kind: "literal" as const, value: name } } },
    ],
  };
  return readPolicies({ ...reading, fragments: standing, open: true }, slot, "api");
}

describe("examples of the reference, for API Management", () => {
  for (const spec of catalogue.values()) {
    if (spec.name === "base" || spec.inside !== undefined) continue;
    it(spec.name, () => {
      const context = exportOf();
      const document = apimPolicies(context, "apis.a", read(spec), token);
      putPolicies(context, "apis.a", "policy.xml", document);
      const said = context.report.impossible.map(({ message }) => message).join("; ");
      const expected = impossible[spec.name];
      if (expected !== undefined) return assert.match(said, expected);
      assert.equal(said, "");
      const text = context.files.get("policy.xml") ?? "";
      const problems = new Problems();
      const scanned = scanXml("policy.xml", text, problems);
      assert.ok(scanned, text);
      const again = readXmlPolicies(xmlReading({ problems, open: true, fragments: null, checkCsharp }), scanned, null);
      const errors = problems
        .sorted()
        .filter(({ severity, code }) => severity === "error" && code !== "policy-unsupported");
      assert.deepEqual(errors, [], text);
      assert.equal(plainDocument(again), plainDocument(document), text);
    });
  }
});
