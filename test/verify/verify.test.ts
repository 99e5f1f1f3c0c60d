import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { SaxesParser } from "saxes";
import type { Finding } from "#model/finding.ts";
import { type CliResult, runCli, startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import { startUpstream, type TestUpstream } from "#test/support/upstream.ts";
import { startIssuer, type TokenIssuer } from "#test/security/token-issuer.ts";

interface Report {
  readonly ok: boolean;
  readonly counts: Readonly<Record<string, number>>;
  readonly findings: readonly Finding[];
}

/** A running gateway is held to a definition: its own, and one that it does not run. */
describe("sallyport verify", () => {
  let folder: string;
  let upstream: TestUpstream;
  let issuer: TokenIssuer;
  let gateway: TestGateway;
  const env = { TEAM_KEY: "key-of-the-team-0123456789" };

  const definition = (orders: string, keyed: string): string => `version: 1
edge: { https: internal, listen: { https: "127.0.0.1:0", http: "127.0.0.1:0" } }
identity: { providers: { corp: { issuer: "${issuer.url}", audiences: ["api://test"] } } }
apis:
  orders:
    hosts: [api.test, "*.orders.test"]
    path: /orders
    backend: orders
    access: ${orders}
    operations:
      list: { method: GET, path: / }
      read: { method: GET, path: "/{id}/{from}-{to}" }
      remove: { method: DELETE, path: "/{id}" }
      make: { method: POST, path: "/" }
      shadowed: { method: GET, path: "/sallyport-verify", access: public }
      one: { method: GET, path: "/{id}" }
  keyed: { hosts: [api.test], path: /keyed, backend: orders, ${keyed} }
  open: { hosts: [api.test], path: /open, backend: orders, access: public }
backends: { orders: { url: "${upstream.url}" } }
products: { starter: { apis: [keyed], subscription: key } }
subscriptions: { team: { product: starter, key: { env: TEAM_KEY } } }
checks:
  open-answers: { request: GET /open/7, expect: { status: 200, contains: '"/7"', headers: ["X-Request-Id: *"] } }
  a-key-opens: { request: "GET https://api.test/keyed/x", key: { env: SOME_KEY }, expect: { status: [200, 204] } }
  staff-reads: { request: GET /orders/7, token: { env: STAFF }, expect: { status: 200 } }
  sales-does-not: { request: GET /orders/7, token: { env: SALES }, expect: { status: 403, reason: access-denied } }
`;
  const rule = `[{ allow: '"staff" in principal.groups' }]`;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "sallyport-verify-"));
    [upstream, issuer] = await Promise.all([startUpstream(), startIssuer()]);
    gateway = await startTestGateway({ definition: definition(rule, ""), args: ["--workers", "1"], env });
  });
  after(async () => {
    await gateway.cleanUp();
    await Promise.all([upstream.close(), issuer.close()]);
    rmSync(folder, { recursive: true, force: true });
  });

  async function verify(
    text: string,
    args: readonly string[] = [],
    more: Record<string, string> = {},
  ): Promise<CliResult> {
    const file = join(folder, "sallyport.yaml");
    writeFileSync(file, text);
    const [staff, sales] = await Promise.all([
      issuer.token({ sub: "ann", groups: ["staff"] }),
      issuer.token({ sub: "bob", groups: ["sales"] }),
    ]);
    const variables = { ...env, SOME_KEY: env.TEAM_KEY, STAFF: staff, SALES: sales, ...more };
    return runCli(["verify", "--config", file, "--data", gateway.data, ...args], variables);
  }

  const reportOf = ({ stdout }: CliResult): Report => JSON.parse(stdout) as Report;
  const failed = ({ findings }: Report): readonly string[] =>
    findings.filter(({ state }) => state === "failed").map(({ code, group, name }) => `${code} ${group} ${name}`);

  it("finds that the gateway does what its definition says, and reaches no backend by what must be refused", async () => {
    const already = upstream.seen.length;
    const result = await verify(definition(rule, ""), ["--json", "--token", "SALES"]);
    const report = reportOf(result);
    assert.deepEqual([result.code, result.stderr, failed(report)], [0, "", []]);
    const passed = report.findings
      .filter(({ state }) => state === "passed")
      .map(({ group, name }) => `${group} ${name}`);
    for (const name of [
      "gateway runs this definition",
      "TLS api.test",
      "TLS verify.orders.test",
      "orders list: GET /orders without an identity",
      "orders remove: DELETE /orders/sallyport-verify without an identity",
      "orders make: POST /orders as SALES",
      "orders read: GET /orders/sallyport-verify/sallyport-verify-sallyport-verify as SALES",
      "keyed all: GET /keyed/sallyport-verify without an identity",
      "checks staff-reads",
      "checks sales-does-not",
    ]) {
      assert.ok(passed.includes(name), `${name} of ${passed.join("; ")}`);
    }
    const skipped = new Set(report.findings.filter(({ state }) => state === "skipped").map(({ code }) => code));
    assert.ok(skipped.has("verify-not-met") && skipped.has("verify-allowed"));
    const seen = upstream.seen.slice(already).map(({ method, url }) => `${method} ${url}`);
    assert.deepEqual(seen.toSorted(), ["GET /7", "GET /7", "GET /x"]);
  });

  it("names what a gateway lets through that this definition refuses, and sends it no body", async () => {
    const file = join(gateway.folder, "sallyport.yaml");
    const own = readFileSync(file, "utf8");
    const wide = await startTestGateway({
      definition: definition("public", "access: public"),
      args: ["--workers", "1"],
      env,
    });
    try {
      const result = await verify(own, ["--json", "--data", wide.data]);
      const report = reportOf(result);
      assert.equal(result.code, 1);
      const removals = upstream.seen
        .filter(({ method }) => method === "DELETE")
        .map(({ url, headers }) => [url, headers["content-length"]]);
      assert.deepEqual(removals, [["/sallyport-verify", "1"]], "announced, and never sent");
      const safe = await verify(own, ["--json", "--data", wide.data, "--safe-only"]);
      assert.ok(!failed(reportOf(safe)).some((name) => name.includes("DELETE")));
      const names = failed(report);
      for (const name of [
        "verify-configuration gateway runs this definition",
        "verify-not-refused orders list: GET /orders without an identity",
        "verify-not-refused orders read: GET /orders/sallyport-verify/sallyport-verify-sallyport-verify without an identity",
        "verify-not-refused orders remove: DELETE /orders/sallyport-verify without an identity",
        "verify-other-answer checks sales-does-not",
      ]) {
        assert.ok(names.includes(name), `${name} of ${names.join("; ")}`);
      }
    } finally {
      await wide.cleanUp();
    }
  });

  it("writes JUnit and a page, with what is hostile in them escaped", async () => {
    const [junit, html] = [join(folder, "verify.xml"), join(folder, "verify.html")];
    const hostile = definition(rule, "").replace(
      "open-answers:",
      "'a.b': { request: GET /open/7, expect: { status: 500, contains: '<script>\"]]>' } }\n  open-answers:",
    );
    const result = await verify(
      hostile,
      ["--junit", junit, "--html", html, "--no-admin", "--connect", `127.0.0.1:${gateway.port}`],
      { SALES: "" },
    );
    assert.equal(result.code, 1);
    assert.match(result.stdout, /FAIL a\.b: the answer is 200 instead of 500/);
    assert.match(result.stdout, /FAIL sales-does-not: SALES is not set \(verify-variable\)\n {7}fix: set SALES/);
    assert.match(result.stdout, /\nFAILED: \d+ passed, 2 failed/);
    const tags: string[] = [];
    const parser = new SaxesParser();
    parser.on("opentag", ({ name }) => tags.push(name));
    parser.write(readFileSync(junit, "utf8")).close();
    assert.equal(tags.filter((tag) => tag === "failure").length, 2);
    assert.ok(tags.filter((tag) => tag === "testcase").length > 10);
    const page = readFileSync(html, "utf8");
    assert.doesNotMatch(page, /<script/);
    assert.match(page, /class="failed"/);
  });

  it("fails where clients would not trust the certificate, and where nobody answers", async () => {
    const other = join(folder, "other.crt");
    writeFileSync(other, "");
    const untrusted = reportOf(await verify(definition(rule, ""), ["--json", "--ca", other]));
    assert.ok(failed(untrusted).includes("verify-tls TLS api.test"));
    const nobody = await verify(definition(rule, ""), ["--data", folder]);
    assert.deepEqual([nobody.code, nobody.stdout], [1, ""]);
    assert.match(nobody.stderr, /admin-unreachable/);
    const usage = await verify(definition(rule, ""), ["--token", "TEAM_KEY"]);
    assert.equal(usage.code, 2);
    assert.doesNotMatch(usage.stderr, new RegExp(env.TEAM_KEY));
  });
});
