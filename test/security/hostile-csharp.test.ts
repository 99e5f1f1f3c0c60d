import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { call } from "#test/support/client.ts";
import { startTestGateway, type TestGateway } from "#test/support/gateway.ts";

/** What a document of API Management may do with what a client sends. */
const hostile: Readonly<Record<string, string>> = {
  loop: "@{ while (true) { } return 1; }",
  caught: "@{ try { while (true) { } } catch { } return 1; }",
  recursion: "@{ int F(int n) { return F(n + 1); } return F(0); }",
  pattern: '@(Regex.IsMatch(context.Request.Body.As<string>(true), "(?<=^(a+)+)$"))',
  gigabyte: "@(new string('a', 1000000000).Length)",
  padding: '@($"{1,1000000000}")',
  range: "@(Enumerable.Range(0, 2000000000).ToList().Count)",
  nested:
    "@(Enumerable.Range(0, 100000).Any(a => Enumerable.Range(0, 100000).Any(b => Enumerable.Range(0, 100000).Any(c => false))))",
  pairs: "@(BitConverter.ToString(new byte[50000000]).Length)",
  escaped: "@(Uri.EscapeDataString(new string('é', 20000000)).Length)",
  split: '@(new string(\'a\', 30000000).Replace("a", "bb").Length)',
};

const escapes: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

function document(expression: string): string {
  const value = expression.replace(/[&<>"]/g, (char) => escapes[char] ?? char);
  return `<policies><inbound><base /><set-variable name="x" value="${value}" /></inbound><backend><base /></backend><outbound><base /></outbound><on-error><base /></on-error></policies>`;
}

describe("hostile expressions in C#", () => {
  let gateway: TestGateway;

  before(async () => {
    const names = Object.keys(hostile);
    const apis = names.map(
      (name) =>
        `  ${name}: { path: /${name}, access: public, policies: ${name}.xml, respond: { status: 200, body: through } }`,
    );
    gateway = await startTestGateway({
      definition: `version: 1
errors: api-management
edge: { https: "off", listen: { http: "127.0.0.1:0" } }
apis:
  plain: { path: /plain, access: public, respond: { status: 200, body: ok } }
${apis.join("\n")}
`,
      files: Object.fromEntries(Object.entries(hostile).map(([name, code]) => [`${name}.xml`, document(code)])),
      args: ["--workers", "1"],
    });
  });
  after(() => gateway?.cleanUp());

  for (const name of Object.keys(hostile)) {
    it(`${name}: stopped and refused, while others are served`, async () => {
      const body = `${"a".repeat(40)}!`;
      const asked = Array.from({ length: 4 }, () => call(gateway, `/${name}`, { method: "POST", body }));
      const others = Array.from({ length: 4 }, () => call(gateway, "/plain"));
      for (const other of await Promise.all(others)) assert.deepEqual([other.status, other.text], [200, "ok"]);
      for (const refused of await Promise.all(asked)) {
        assert.equal(refused.status, 500);
        assert.match(refused.text, /^\{ "statusCode": 500, "message": "Internal server error", "activityId": "/);
      }
    });
  }

  it("costs no worker", async () => {
    assert.equal((await call(gateway, "/plain")).status, 200);
    assert.doesNotMatch(gateway.output(), /worker (?:failed|ended)/);
  });
});
