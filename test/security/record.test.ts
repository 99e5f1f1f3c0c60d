import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { recordsOf } from "#test/support/record.ts";
import { runCli, startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import { exchangeRaw, responsesOf } from "./raw-client.ts";
import { startStrictOrigin, type StrictOrigin } from "./strict-origin.ts";

/** Every request id that a client was given has its record, however little was understood of the request. */
describe("the record of everything that was answered", () => {
  let origin: StrictOrigin;
  let gateway: TestGateway;

  before(async () => {
    origin = await startStrictOrigin();
    gateway = await startTestGateway({
      definition: `version: 1
edge: { https: "off", listen: { http: "127.0.0.1:0" }, limits: { headerSize: 4KiB, headerCount: 20, headersTimeout: 300ms, bodyIdleTimeout: 300ms } }
apis:
  open: { path: /open, backend: up, access: public, bodySize: 1KiB }
  closed: { path: /closed, backend: up, access: [{ allow: false }] }
  failing: { path: /failing, backend: up, access: public, policies: { inbound: [base, { set-header: { name: X, values: ["\${request.query['absent']}"] } }] } }
  down: { path: /down, backend: down, access: public }
backends: { up: { url: "${origin.url}" }, down: { url: "http://127.0.0.1:1" } }
`,
      args: ["--workers", "2"],
    });
  });
  after(async () => {
    await gateway.cleanUp();
    await origin.close();
  });

  const head = (line: string, ...fields: readonly string[]): string => `${[line, ...fields].join("\r\n")}\r\n\r\n`;
  const host = "Host: localhost";
  const requests: readonly string[] = [
    head("GET /open HTTP/1.1", host, "Connection: close"),
    head("GET /closed HTTP/1.1", host, "Connection: close"),
    head("GET /nowhere HTTP/1.1", host, "Connection: close"),
    head("GET /failing HTTP/1.1", host, "Connection: close"),
    head("GET /down HTTP/1.1", host, "Connection: close"),
    head("GET /open HTTP/1.1", host, "X-Request-Id: 00000000-0000-7000-8000-000000000000", "Connection: close"),
    head("GET /open HTTP/1.1"),
    head("GET /open HTTP/1.1", host, host),
    head("GET /open HTTP/1.1", "Host: a b"),
    head("GET /open HTTP/3.7", host),
    head("GET /open HTTP/1.2", host),
    head("GET /open%2f HTTP/1.1", host),
    head("GET /open?\u0001 HTTP/1.1", host),
    head("GET * HTTP/1.1", host),
    head("OPTIONS * HTTP/1.1", host),
    head("CONNECT localhost:1 HTTP/1.1", host),
    head("TRACE /open HTTP/1.1", host),
    head("GET http://user:topsecret@localhost/open HTTP/1.1", host),
    head("GET /open HTTP/1.1", host, `X: ${"x".repeat(5000)}`),
    head("GET /open HTTP/1.1", host, ...Array.from({ length: 40 }, (_, at) => `X-${at}: 1`)),
    head("GET /open HTTP/1.1", host, "X : 1"),
    head("GET /open HTTP/1.1", host, "X: \u0000"),
    head("POST /open HTTP/1.1", host, "Content-Length: 5", "Transfer-Encoding: chunked"),
    head("POST /open HTTP/1.1", host, "Content-Length: x"),
    head("POST /open HTTP/1.1", host, "Transfer-Encoding: cow"),
    head("POST /open HTTP/1.1", host, "Content-Length: 2000"),
    head("POST /open HTTP/1.1", host, "Expect: the-unexpected"),
    `${head("POST /open HTTP/1.1", host, "Transfer-Encoding: chunked")}zz\r\n`,
    `${head("POST /open HTTP/1.1", host, "Content-Length: 10")}abc`,
    `${head("POST /open HTTP/1.1", host, "Transfer-Encoding: chunked")}500\r\n${"x".repeat(1280)}\r\n0\r\n\r\n`,
    "GET /open HTTP/1.1\r\nHost: local",
    "\u0016\u0003\u0001 not TLS here\r\n\r\n",
    "GET /open\r\n\r\n",
    `${head("GET /open HTTP/1.1", host).repeat(5)}garbage\r\n\r\n`,
    head("GET /open HTTP/1.1", host).repeat(150) + head("GET /open HTTP/1.1", host, "Connection: close"),
  ];

  it("is found by its id, and the chain verifies", async () => {
    const answered = new Map<string, number>();
    for (const bytes of requests) {
      for (const { status, id } of responsesOf(await exchangeRaw(gateway, bytes, 3000))) {
        assert.match(
          id,
          /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
          JSON.stringify(bytes.slice(0, 80)),
        );
        assert.ok(!answered.has(id), "no id twice");
        answered.set(id, status);
      }
    }
    assert.ok(answered.size > 100, `${answered.size} answers`);
    assert.equal(await gateway.stop(), 0);

    const folder = join(gateway.data, "audit");
    const text = readdirSync(folder)
      .map((file) => readFileSync(join(folder, file), "utf8"))
      .join("");
    const recorded = new Map(recordsOf(gateway).map(({ id, status }) => [id, status]));
    for (const [id, status] of answered) assert.equal(recorded.get(id), status, `${id} was answered with ${status}`);
    assert.ok(!recorded.has("00000000-0000-7000-8000-000000000000"), "an id that a client made up is nobody's");
    assert.ok(!text.includes("topsecret"), "user information is not recorded");
    const { code, stdout } = await runCli(["audit", "verify", "--data", gateway.data]);
    assert.equal(code, 0, stdout);
  });
});
