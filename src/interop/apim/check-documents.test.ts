import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, describe, it } from "node:test";
import { checkCsharp } from "#notation/csharp/check.ts";
import { checkDocuments } from "./check-documents.ts";
import { fillHoles } from "./fill-holes.ts";
import { findDocuments } from "./find-documents.ts";
import { isPolicyDocument } from "./policy-document.ts";

function check(text: string, values: Readonly<Record<string, string>> = {}) {
  return checkDocuments([{ path: "p.xml", text, scope: null }], values, (source) =>
    source.includes("wrong") ? { message: "this is wrong", offset: source.indexOf("wrong") } : undefined,
  );
}

describe("checkDocuments", () => {
  it("counts documents, expressions and problems, with their places", () => {
    const text =
      "<policies>\n <inbound>\n  <set-method>@(a)</set-method><set-method>@(wrong)</set-method>\n </inbound>\n</policies>";
    assert.deepEqual(check(text), {
      documents: 1,
      loaded: 0,
      expressions: 2,
      compiled: 1,
      problems: [
        { path: "p.xml", line: 3, column: 46, code: "csharp-invalid", message: "C#: this is wrong", severity: "error" },
      ],
    });
  });

  it("loads what only lacks values, and says which holes there are", () => {
    const text = '<fragment><mock-response status-code="{code}" content-type="{{type}}" /></fragment>';
    const report = check(text);
    assert.equal(report.loaded, 1);
    assert.deepEqual(
      report.problems.map(({ code, severity }) => [code, severity]),
      [["template-hole", "warning"]],
    );
    assert.deepEqual(check(text, { code: "404", type: "text/plain" }).problems, []);
    assert.equal(check(text, { code: "x" }).loaded, 0);
  });

  it("takes a hole in an interpolated text, and an address that is empty, for holes", () => {
    const url = '<send-request response-variable-name="r"><set-url>@($"https://a/{group-id}/b")</set-url>';
    const text = `<fragment>${url}<set-method>GET</set-method></send-request><set-backend-service base-url="" /></fragment>`;
    const holed = (given: string, values = {}): readonly string[] =>
      checkDocuments([{ path: "p.xml", text: given, scope: null }], values, checkCsharp).problems.map(
        ({ code, severity, message }) => `${severity} ${code} ${message}`,
      );
    assert.deepEqual(holed(text), [
      "warning template-hole set-url: {group-id} is to be filled in before",
      "warning template-hole set-backend-service: the attribute base-url is empty, and is to be filled in before",
    ]);
    assert.deepEqual(holed(text.replace('base-url=""', 'base-url="https://b"'), { "group-id": "g" }), []);
    assert.match(holed(text.replace("{group-id}", "{group}"))[0] ?? "", /^error csharp-invalid/);
  });

  it("refuses a document that it cannot read", () => {
    const { loaded, documents, problems } = check("<policies>");
    assert.deepEqual([documents, loaded, problems[0]?.code], [1, 0, "xml-syntax"]);
  });
});

describe("fillHoles", () => {
  it("fills those it has a value for, and leaves named values alone", () => {
    const values = { a: "1", "b-c": "2" };
    assert.equal(fillHoles("{a} ${a} $(a) #{a}# {b-c} {{a}} {x} $@{a b}", values), "1 1 1 1 2 {{a}} {x} $@{a b}");
  });
});

describe("isPolicyDocument", () => {
  it("goes by the first element", () => {
    assert.ok(isPolicyDocument("\ufeff<?xml version='1.0'?>\n<!-- a -->\n<policies>"));
    assert.ok(isPolicyDocument("<fragment/>"));
    assert.ok(!isPolicyDocument("<wsdl:definitions><policies/>"));
    assert.ok(!isPolicyDocument("text"));
  });
});

describe("findDocuments", () => {
  let folder = "";
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "sallyport-apim-"));
    const policies = "<policies><inbound /></policies>";
    const files = {
      "policy.xml": policies,
      "apis/a;rev=2/policy.xml": policies,
      "apis/a;rev=2/specification.xml": "<definitions />",
      "apis/a;rev=2/operations/get it/policy.xml": policies,
      "products/p/policy.xml": policies,
      "policy fragments/f/policy.xml": "<fragment />",
      "named values/n/namedValueInformation.json": '{"properties":{"displayName":"n","value":"v"}}',
      "named values/s/namedValueInformation.json": '{"properties":{"displayName":"s","value":"v","secret":true}}',
      "named values/bad/namedValueInformation.json": "{",
      "notes.txt": policies,
    };
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
    writeFileSync(join(folder, "apis/latin.xml"), Buffer.from([0xff, 0xfe, 0x41]));
    symlinkSync(join(folder, "policy.xml"), join(folder, "link.xml"));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("finds the documents of an APIOps folder, their scopes and plain values", async () => {
    const { documents, unread, values } = await findDocuments(folder);
    assert.deepEqual(
      documents.map(({ path, scope }) => [path.slice(folder.length + 1), scope]),
      [
        ["apis/a;rev=2/operations/get it/policy.xml", "operation"],
        ["apis/a;rev=2/policy.xml", "api"],
        ["policy fragments/f/policy.xml", null],
        ["policy.xml", "global"],
        ["products/p/policy.xml", "product"],
      ],
    );
    assert.deepEqual(unread, [{ path: join(folder, "apis/latin.xml"), message: "is not UTF-8" }]);
    assert.deepEqual(values, { n: "v" });
  });

  it("takes a file that is named, whatever it holds", async () => {
    const { documents } = await findDocuments(join(folder, "notes.txt"));
    assert.equal(documents.length, 1);
    await assert.rejects(findDocuments(join(folder, "nothing")), /ENOENT/);
  });
});
