import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { codes, loadText } from "./fixture.test-helper.ts";

const api = "  a: { path: /a, backend: b, access: public, policies: ./a.xml }";

function definition(...lines: readonly string[]): string {
  return ["version: 1", "backends: { b: { url: http://127.0.0.1:9 } }", ...lines].join("\n");
}

function document(inbound: string): string {
  return `<policies>\n<inbound>${inbound}</inbound></policies>`;
}

describe("policies in files of their own", () => {
  it("are read for the scope that names them, filled from the environment", async () => {
    const files = { "a.xml": document('<base /><set-header name="X-A"><value>{{who}}</value></set-header>') };
    const text = definition(
      "policies: a.xml",
      "apis:",
      "  a:",
      "    path: /a",
      "    backend: b",
      "    access: public",
      "    policies: ./a.xml",
      "    operations: { get: { method: GET, path: /, policies: ./a.xml } }",
      "products: { p: { apis: [a], policies: a.xml } }",
      "environments: { dev: { values: { who: me } } }",
    );
    const loaded = await loadText(text, { files });
    assert.deepEqual(loaded.diagnostics, []);
    const { definition: read } = loaded;
    const found = [
      read?.policies,
      read?.apis[0]?.policies,
      read?.apis[0]?.operations[0]?.policies,
      read?.products[0]?.policies,
    ];
    for (const policies of found) {
      assert.deepEqual(
        policies?.inbound?.map(({ name }) => name),
        ["base", "set-header"],
      );
      assert.deepEqual(policies?.inbound?.[1]?.args["values"], {
        kind: "list",
        items: [{ kind: "literal", value: "me" }],
      });
    }
    assert.ok(loaded.files.includes("/gateway/a.xml"));
    assert.deepEqual(
      loaded.documents.map(({ path }) => path),
      ["/gateway/sallyport.yaml", "/gateway/a.xml"],
    );
  });

  it("are not chosen by a value, which environments differ by", async () => {
    const text = definition(
      "apis:",
      api.replace("./a.xml", '"{{which}}.xml"'),
      "environments: { dev: { values: { which: a } } }",
    );
    const loaded = await loadText(text, { files: { "a.xml": document("<base />") } });
    assert.deepEqual(codes(loaded), ["value-in-policy 4:56", "value-unused 5:34"]);
  });

  it("are checked for that scope, and point into the file", async () => {
    const text = definition("apis:", api);
    const files = { "a.xml": document('<quota calls="1" renewal-period="300" />') };
    const loaded = await loadText(text, { files });
    assert.deepEqual(codes(loaded), ["policy-misplaced 2:10"]);
    assert.equal(loaded.diagnostics[0]?.at.file, "/gateway/a.xml");
    assert.deepEqual(codes(await loadText(text)), ["file-unreadable 4:56"]);
    assert.deepEqual(codes(await loadText(text, { files: { "a.xml": "<policies>" } })), ["xml-syntax 1:1"]);
  });

  it("name backends and providers of the definition", async () => {
    const files = { "a.xml": document('<set-backend-service backend-id="c" />') };
    assert.deepEqual(codes(await loadText(definition("apis:", api), { files })), ["reference-unknown 2:31"]);
  });
});

describe("fragments", () => {
  const fragments = [
    "fragments:",
    "  own: [{ set-header: { name: X-Own, values: [a] } }]",
    "  file: ./f.xml",
    "apis:",
    api,
  ];
  const file = '<fragment><set-header name="X-File"><value>b</value></set-header></fragment>';

  it("are put where they are included, from either notation", async () => {
    const files = {
      "f.xml": file,
      "a.xml": document(
        '<include-fragment fragment-id="own"/><choose><when condition="true"><include-fragment fragment-id="file"/></when></choose>',
      ),
    };
    const text = definition(...fragments, "policies: { inbound: [{ include-fragment: file }, include-fragment: own] }");
    const loaded = await loadText(text, { files });
    assert.deepEqual(loaded.diagnostics, []);
    const inbound = loaded.definition?.apis[0]?.policies.inbound ?? [];
    assert.deepEqual(
      inbound.map(({ name }) => name),
      ["set-header", "choose"],
    );
    assert.match(JSON.stringify(inbound[1]), /X-File/);
    assert.deepEqual(
      loaded.definition?.policies.inbound?.map(({ at }) => at.file),
      ["/gateway/f.xml", "/gateway/sallyport.yaml"],
    );
  });

  it("cannot include fragments or base, and must be there", async () => {
    const nested = '<fragment><include-fragment fragment-id="own" /></fragment>';
    const one = await loadText(definition(...fragments), { files: { "f.xml": nested, "a.xml": document("") } });
    assert.deepEqual(codes(one), ["fragment-nested 1:11"]);
    const two = await loadText(definition("fragments: { f: [base, include-fragment: f] }", "apis:", api), {
      files: { "a.xml": document('<include-fragment fragment-id="f"/><include-fragment fragment-id="g"/>') },
    });
    assert.deepEqual(codes(two), ["fragment-nested 3:18", "fragment-nested 3:24", "reference-unknown 2:45"]);
  });

  it("are checked for the place that includes them, or without one", async () => {
    const quota = '<fragment><quota calls="1" renewal-period="300"/></fragment>';
    const files = {
      "f.xml": quota,
      "a.xml": document('<include-fragment fragment-id="file"/><include-fragment fragment-id="file"/>'),
    };
    assert.deepEqual(codes(await loadText(definition(...fragments), { files })), ["policy-misplaced 1:11"]);
    const unused = { "f.xml": "<fragment><nothing/></fragment>", "a.xml": document("") };
    assert.deepEqual(codes(await loadText(definition(...fragments), { files: unused })), ["policy-unknown 1:11"]);
  });
});
