import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { caddyPorts, type RunningCaddy, runCaddy } from "#test/caddy/run-caddy.ts";
import { type CliResult, runCli, startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import { needsCommand } from "#test/support/require.ts";
import { startUpstream, type TestUpstream } from "#test/support/upstream.ts";

/** A real Caddy is moved from, with an API behind it that this gateway has behind itself as well. */
describe("sallyport shadow compare", needsCommand("caddy"), () => {
  let folder: string;
  let upstream: TestUpstream;
  let caddy: RunningCaddy;
  let gateway: TestGateway;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "sallyport-shadow-"));
    upstream = await startUpstream((request, response) => {
      request.resume();
      const isSigned = request.headers["x-caller"] === "me";
      response.writeHead(isSigned ? 200 : 401, { "content-type": "application/json" });
      response.end(JSON.stringify({ path: request.url, items: [{ id: 1 }] }));
    });
    const ports = await caddyPorts();
    const site = `{
	http_port ${ports.httpPort}
	https_port ${ports.httpsPort}
}
https://localhost {
	tls internal
	redir /moved /orders
	redir /docs /docs/ 301
	respond /xml "<order><id>1</id></order>"
	header /xml Content-Type application/xml
	header /added X-Old "yes"
	respond /shape \`{"id":"1","name":"x"}\`
	header /shape Content-Type application/json
	reverse_proxy ${upstream.url.replace("http://", "")}
}
`;
    caddy = await runCaddy(site, ports, ["localhost"]);
    gateway = await startTestGateway({
      args: ["--workers", "1"],
      definition: `version: 1
edge: { https: internal, listen: { https: "127.0.0.1:0", http: "127.0.0.1:0" } }
apis:
  orders:
    path: /
    backend: orders
    access: public
    operations:
      orders: { method: GET, path: "/orders/{*rest}" }
      all: { method: GET, path: /orders }
      added: { method: GET, path: /added }
      xml:
        method: GET
        path: /xml
        policies:
          inbound: [base, { return-response: { status: 200, headers: { Content-Type: application/xml }, body: "<order/>" } }]
      shape:
        method: GET
        path: /shape
        policies:
          inbound: [base, { return-response: { status: 200, headers: { Content-Type: application/json }, body: '{"id":1}' } }]
backends: { orders: { url: "${upstream.url}" } }
`,
    });
    writeFileSync(join(folder, "ca.pem"), `${caddy.ca}\n${gateway.ca}`);
  });
  after(async () => {
    await Promise.all([caddy?.stop(), gateway?.cleanUp(), upstream?.close()]);
    rmSync(folder, { recursive: true, force: true });
  });

  function compare(requests: string, ...args: readonly string[]): Promise<CliResult> {
    const file = join(folder, "requests.txt");
    writeFileSync(file, requests);
    const places = ["--old", `https://localhost:${caddy.httpsPort}`, "--new", gateway.url, "--rate", "1000"];
    const command = ["shadow", "compare", file, ...places, "--ca", join(folder, "ca.pem"), "--header", "WHO", ...args];
    return runCli(command, { WHO: "X-Caller: me", ONE: "X-Which: old", TWO: "X-Which: new" });
  }

  it("finds nothing where both answer alike, with what identifies the caller", async () => {
    const first = upstream.seen.length;
    const { code, stdout, stderr } = await compare("GET /orders/7?x=%20y\nGET /orders\nDELETE /orders/7\n", "--json");
    assert.equal(code, 0, stdout + stderr);
    assert.deepEqual((JSON.parse(stdout) as { counts: object }).counts, {
      passed: 2,
      failed: 0,
      warned: 0,
      skipped: 1,
    });
    const seen = upstream.seen.slice(first).map(({ method, url }) => `${method} ${url}`);
    assert.deepEqual(seen.toSorted(), ["GET /orders", "GET /orders", "GET /orders/7?x=%20y", "GET /orders/7?x=%20y"]);
  });

  it("tells each difference with what to do, and ends with 1", async () => {
    const { code, stdout } = await compare("/moved\n/docs\n/added\n/shape\n/xml\n/nowhere\n");
    assert.equal(code, 1, stdout);
    for (const told of [
      /GET \/moved\n {2}FAIL status: the old gateway answers 302 to \/orders, the new one 404 \(shadow-status\)\n.*fix: .*add a redirect/,
      /answers 301 to the path with a slash, the new one 404 \(shadow-status\)\n.*fix: add a redirect to the path with/,
      /FAIL element-missing: \/order\/id is missing in the new gateway's XML/,
      /GET \/added\n {2}FAIL header-missing: the new gateway does not send x-old \(/,
      /FAIL field-missing: \/name \(string\) is missing in the new gateway's body/,
      /FAIL field-type: \/id is string from the old gateway, and number from the new one/,
      /GET \/nowhere\n {2}FAIL status: .*\n.*fix: no API or operation/,
    ]) {
      assert.match(stdout, told);
    }
    const { code: ignored } = await compare("/added\n", "--ignore-header", "X-Old");
    assert.equal(ignored, 0);
  });

  it("sends to each gateway what is for it alone", async () => {
    const first = upstream.seen.length;
    const { code, stdout } = await compare("GET /orders/9\n", "--json", "--old-header", "ONE", "--new-header", "TWO");
    assert.equal(code, 0, stdout);
    const seen = upstream.seen.slice(first).map(({ headers }) => [headers["x-which"], headers["sallyport-shadow"]]);
    assert.deepEqual(seen.toSorted(), [
      ["new", "compare"],
      ["old", "compare"],
    ]);
  });

  it("refuses what it cannot read, with the place and what to do", async () => {
    const none = await compare("POST /x\n");
    assert.deepEqual([none.code, none.stderr.includes("(shadow-requests)")], [2, true]);
    const bad = await runCli(["shadow", "compare", "-", "--old", "ftp://x", "--new", "https://x"]);
    assert.deepEqual([bad.code, bad.stderr.includes("as in https://api.example.com")], [2, true]);
    const header = await runCli([
      "shadow",
      "compare",
      "x",
      "--old",
      "http://x",
      "--new",
      "http://x",
      "--header",
      "NONE",
    ]);
    assert.deepEqual([header.code, header.stderr.includes("(shadow-header)")], [2, true]);
  });
});
