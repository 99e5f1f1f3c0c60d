import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import type { Argument, PolicyNode } from "#model/policy-tree.ts";
import { sections } from "#model/policy-tree.ts";
import { checkDocuments } from "#interop/apim/check-documents.ts";
import { catalogue } from "#notation/catalogue/catalogue.ts";
import { checkCsharp } from "#notation/csharp/check.ts";
import { NamedValues } from "#notation/named-values.ts";
import { Problems } from "#notation/problems.ts";
import type { XmlDocument } from "#notation/xml/document.ts";
import { readXmlFragment, readXmlPolicies } from "#notation/xml/policies.ts";
import type { XmlPolicyReading } from "#notation/xml/reading.ts";
import { scanXml } from "#notation/xml/scan.ts";
import { writeXmlPolicies } from "#notation/xml/write.ts";
import { root } from "#test/support/require.ts";

interface Entry {
  readonly path: string;
  readonly kind: "policies" | "fragment";
  readonly wellFormedXml: boolean;
  readonly policies: readonly string[];
  readonly expressions: number;
}

const corpora = join(root, "..", "shared", "corpora");
const present = existsSync(join(corpora, "apim", "index.json"));
const skip = present ? false : "corpora absent: ../shared/corpora/apim";
const entries = present
  ? (JSON.parse(readFileSync(join(corpora, "apim", "index.json"), "utf8")) as readonly Entry[])
  : [];

/** Documents that no reader should take, with the code of the first problem. One that passes must leave the list. */
const broken: Readonly<Record<string, string>> = {
  // Damaged upstream: an expression that never closes.
  "apim/Azure__api-management-policy-snippets/examples/Call out to an HTTP endpoint and cache the response.policy.xml":
    "expression-unclosed",
  // A dimension without a value, of a name that has no default.
  "apim/Azure__azure-api-management-policy-toolkit/test/Test.Decompiling/TestData/emit-metric.xml": "argument-invalid",
  // A template engine that there is not: Liquid is the only one.
  "apim/Azure__azure-api-management-policy-toolkit/test/Test.Decompiling/TestData/invoke-darp-binding.xml":
    "value-invalid",
  "apim/Azure__azure-api-management-policy-toolkit/test/Test.Decompiling/TestData/publish-to-darp.xml": "value-invalid",
  // A period that the service does not have.
  "apim/Azure__azure-api-management-policy-toolkit/test/Test.Decompiling/TestData/llm-token-limit.xml": "value-invalid",
};

/** Names that the documents spell otherwise. */
const spellings: Readonly<Record<string, string>> = {
  "invoke-darp-binding": "invoke-dapr-binding",
  "publish-to-darp": "publish-to-dapr",
};

function readingFor(problems: Problems): XmlPolicyReading {
  return {
    problems,
    catalogue,
    values: new NamedValues(new Map()),
    checkCsharp: () => undefined,
    onArgument: () => undefined,
    fragments: null,
    open: true,
  };
}

/** As if the whole of a fragment stood in inbound, so that both kinds are one tree. */
function read(document: XmlDocument, problems: Problems): Readonly<Record<string, readonly PolicyNode[] | undefined>> {
  if (document.root.name === "policies") return readXmlPolicies(readingFor(problems), document, null);
  const place = { section: null, scope: null, inside: null, only: null, seen: new Set<string>(), depth: 0 };
  return { inbound: readXmlFragment(readingFor(problems), document, place) };
}

function namesIn(nodes: readonly PolicyNode[]): readonly string[] {
  return nodes.flatMap(({ name, args }) => [name, ...Object.values(args).flatMap(namesInArgument)]);
}

function namesInArgument(argument: Argument): readonly string[] {
  if (argument.kind === "policies") return namesIn(argument.policies);
  if (argument.kind === "list") return argument.items.flatMap(namesInArgument);
  return argument.kind === "map" ? Object.values(argument.entries).flatMap(namesInArgument) : [];
}

function withoutPlaces(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (key, member: unknown) => (key === "at" ? undefined : member)) ?? "null");
}

describe("API Management's public documents", { skip }, () => {
  it("are all there", () => assert.equal(entries.length, 253));

  for (const entry of entries) {
    it(entry.path, () => {
      const problems = new Problems();
      const document = scanXml(entry.path, readFileSync(join(corpora, entry.path), "utf8"), problems);
      const tree = document === null ? {} : read(document, problems);
      const errors = problems
        .sorted()
        .filter(({ severity, code }) => severity === "error" && code !== "policy-unsupported");
      assert.equal(errors[0]?.code, broken[entry.path], errors[0]?.message ?? "it has no error: take it off the list");
      if (document === null) return;
      assert.equal(document.root.name, entry.kind);
      assert.equal(document.form === "xml", entry.wellFormedXml);
      assert.equal(document.expressions.length, entry.expressions);
      if (errors.length > 0) return;
      const names = sections.flatMap((section) => namesIn(tree[section] ?? []));
      const expected = entry.policies.map((name) => spellings[name] ?? name);
      assert.deepEqual([...new Set(names)].toSorted(), [...new Set(expected)].toSorted());

      // What is written is read as the same tree.
      for (const form of ["xml", "rawxml"] as const) {
        const written = writeXmlPolicies(tree, form);
        assert.deepEqual(written.problems, []);
        const again = scanXml("written", written.text, problems);
        assert.ok(again, written.text);
        assert.deepEqual(withoutPlaces(readXmlPolicies(readingFor(problems), again, null)), withoutPlaces(tree));
      }
    });
  }

  after(() => {
    const documents = entries.map(({ path }) => ({
      path,
      text: readFileSync(join(corpora, path), "utf8"),
      scope: null,
    }));
    const { loaded, compiled, expressions, problems } = checkDocuments(documents, {}, checkCsharp);
    const waiting = new Set(problems.filter(({ code }) => code === "policy-unsupported").map(({ path }) => path));
    const rest = new Set(
      problems
        .filter(({ code, severity }) => severity === "error" && code !== "policy-unsupported")
        .map(({ path }) => path),
    );
    console.log(
      `${loaded} of ${documents.length} documents load, ${compiled} of ${expressions} expressions compile; ` +
        `${waiting.size} documents use policies without an engine, ${rest.size} have other errors`,
    );
  });
});
