import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
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
import { root } from "#test/support/require.ts";

/** Examples of the reference that API Management cannot have, and why. One that can must leave the list. */
const impossible: Readonly<Record<string, RegExp>> = {
  "cache-lookup": /^cache-lookup: API Management has no semantics$/,
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
    schemas: [],
    certificates: [],
    shownCertificates: new Map(),
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

/** A policy in YAML as one of an API. */
function read(spec: PolicySpec, policy: string): ReturnType<typeof readPolicies> {
  const allowed = sections.find((one) => spec.sections.includes(one)) ?? "inbound";
  const section = policy.includes("forward-request") ? "backend" : allowed;
  const problems = new Problems();
  const text = stringify({ policies: { [section]: [parse(policy) as unknown] } });
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

/** What cannot be there of a policy; "" when it is written, and read again as the same. */
function impossibleIn(spec: PolicySpec, policy: string): string {
  const context = exportOf();
  const document = apimPolicies(context, "apis.a", read(spec, policy), token);
  putPolicies(context, "apis.a", "policy.xml", document);
  const { impossible: found } = context.report;
  if (found.length > 0) return found.map(({ message }) => message).join("; ");
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
  return "";
}

/** Of this gateway's own policies one is written in other words. */
function expected({ name, native }: PolicySpec): RegExp {
  return native === true && name !== "redirect" ? new RegExp(`API Management has no policy ${name}$`) : /^$/;
}

describe("examples of the reference, for API Management", () => {
  for (const spec of catalogue.values()) {
    if (spec.name === "base" || spec.inside !== undefined) continue;
    it(spec.name, () => assert.match(impossibleIn(spec, spec.example), impossible[spec.name] ?? expected(spec)));
  }
});

/** Policies that pages show, by page and place. */
const shown = readdirSync(join(root, "docs", "howto")).flatMap((page) => {
  const text = readFileSync(join(root, "docs", "howto", page), "utf8");
  return [...text.matchAll(/^( *)```yaml policy\n([\s\S]*?)^\1```$/gm)].map(({ index, 2: body = "" }) => {
    return { at: `${page}:${text.slice(0, index).split("\n").length}`, policy: body };
  });
});

describe("policies that the documentation shows, for API Management", () => {
  for (const { at, policy } of shown) {
    const name = Object.keys(parse(policy) as Readonly<Record<string, unknown>>).find((key) => key !== "id") ?? "";
    const spec = catalogue.get(name);
    if (spec === undefined || spec.inside !== undefined) continue;
    it(`${at} ${name}`, () => assert.equal(impossibleIn(spec, policy), ""));
  }
});
