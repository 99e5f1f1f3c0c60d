import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { type CliResult, runCli } from "#test/support/gateway.ts";
import { root } from "#test/support/require.ts";

const page = readFileSync(join(root, "docs", "howto", "try-policies.md"), "utf8");

/** The first example of a language on the page. */
function example(language: string): string {
  return new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\`\`\``).exec(page)?.[1] ?? "";
}

describe("sallyport policy run", () => {
  let folder: string;
  const file = (name: string): string => join(folder, name);
  const run = (document: string, ...args: string[]): Promise<CliResult> =>
    runCli(["policy", "run", file(document), ...args]);
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "sallyport-policy-run-"));
    writeFileSync(file("orders.policy.xml"), example("xml"));
    writeFileSync(file("order.http"), example("http"));
    writeFileSync(file("context.json"), example("json"));
    writeFileSync(
      file("broken.xml"),
      '<policies><inbound><set-variable name="x" value="@(nothing)" /></inbound></policies>',
    );
    writeFileSync(
      file("secret.xml"),
      '<policies><inbound><set-header name="X-Key"><value>{{key}}</value></set-header><return-response>' +
        '<set-body>@("it is " + "{{key}}")</set-body></return-response></inbound></policies>',
    );
    writeFileSync(
      file("traced.xml"),
      '<policies><inbound><trace source="orders"><message>it is {{key}}</message></trace>' +
        '<set-variable name="x" value="@{ context.Trace("seen " + context.Request.Method); return 1; }" /></inbound></policies>',
    );
    writeFileSync(file("secret.json"), '{"secrets":{"key":"hunter-22"}}');
    writeFileSync(file("wrong.json"), '{"bakend":{}}');
    writeFileSync(file("answer.http"), "HTTP/1.1 503 Down\nX-Backend: b\n\nsorry");
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("shows what the documentation shows", async () => {
    const { code, stdout, stderr } = await run(
      "orders.policy.xml",
      "--request",
      file("order.http"),
      "--context",
      file("context.json"),
    );
    assert.deepEqual([code, stderr], [0, ""]);
    const shown = stdout.replaceAll(`${folder}/`, "");
    assert.equal(shown.slice(0, example("text").length), example("text"));
    assert.match(shown, /to the client\n {2}200 OK\n[^]*\n {2}\{"id":7\}\n$/);
  });

  it("prints JSON, and ends with 0 for a refusal too", async () => {
    const { code, stdout } = await run("orders.policy.xml", "--request", "GET /orders/7", "--json");
    const { response, steps } = JSON.parse(stdout) as { response: { status: number }; steps: { outcome: string }[] };
    assert.deepEqual([code, response.status, steps.at(-1)?.outcome], [0, 400, "answered 400"]);
  });

  it("takes the backend's answer from a file", async () => {
    const given = ["--request", file("order.http"), "--context", file("context.json")];
    const { stdout } = await run("orders.policy.xml", ...given, "--backend", file("answer.http"));
    assert.match(stdout, /to the client\n {2}503 Down\n[^]*sorry\n$/);
  });

  it("shows no secret", async () => {
    for (const more of [[], ["--json"]]) {
      const args = ["--request", "GET /", "--context", file("secret.json"), ...more];
      const { code, stdout, stderr } = await run("secret.xml", ...args);
      assert.equal(code, 0);
      assert.doesNotMatch(stdout + stderr, /hunter-22/);
      assert.match(stdout, /it is \*\*\*/);
    }
  });

  it("shows what policies and expressions trace, beside the policy that does", async () => {
    const args = ["--request", "GET /", "--context", file("secret.json")];
    const { stdout } = await run("traced.xml", ...args);
    assert.match(stdout, / {2}trace .*\n.*trace: verbose orders: [^\n]*\*\*\*\n/);
    assert.match(stdout, / {2}set-variable .*\n.*→ 1\n.*trace: verbose context\.Trace: seen GET\n/);
    const { stdout: json } = await run("traced.xml", ...args, "--json");
    const { steps } = JSON.parse(json) as { steps: { traced: readonly string[] }[] };
    assert.deepEqual(steps.at(-1)?.traced, ["verbose context.Trace: seen GET"]);
    assert.doesNotMatch(stdout + json, /hunter-22/);
  });

  it("ends with 1 for a document that does not load, and says where", async () => {
    const { code, stderr } = await run("broken.xml", "--request", "GET /");
    assert.equal(code, 1);
    assert.match(stderr, /broken\.xml:1:\d+ +error csharp-invalid/);
  });

  it("ends with 2 for a context or a request that is none", async () => {
    const wrong = await run("orders.policy.xml", "--request", "GET /", "--context", file("wrong.json"));
    assert.deepEqual([wrong.code, wrong.stdout], [2, ""]);
    assert.match(wrong.stderr, /there is no bakend here; write backend/);
    assert.equal((await run("orders.policy.xml", "--request", file("context.json"))).code, 2);
    assert.equal((await run("orders.policy.xml")).code, 2);
  });
});
