import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import { askRaw, exchangeRaw, fieldOf, responsesOf } from "./raw-client.ts";
import { startStrictOrigin, type StrictOrigin, valuesOf } from "./strict-origin.ts";

/** What a client sends into expressions and templates stays a value: it neither stalls a worker nor becomes a header. */
describe("hostile values in expressions", () => {
  let origin: StrictOrigin;
  let gateway: TestGateway;

  before(async () => {
    origin = await startStrictOrigin();
    const header = (value: string): string => `{ set-header: { name: X-Out, values: ["${value}"] } }`;
    gateway = await startTestGateway({
      definition: `version: 1
edge: { https: "off", listen: { http: "127.0.0.1:0" }, limits: { headerSize: 128KiB } }
apis:
  regex: { path: /regex, backend: up, access: [{ allow: 'request.headers["x-in"].matches("^(a+)+$") || request.queryString.matches("(x|xx|x.x)*y$")' }] }
  query: { path: /query, backend: up, access: public, policies: { inbound: [base, ${header("${request.query['v']}")}] } }
  echo: { path: /echo, access: public, policies: { inbound: [base, { return-response: { status: 200, headers: { X-Echo: "\${request.query['v']}" } } }] } }
  reason: { path: /reason, backend: up, access: public, policies: { outbound: [base, { set-status: { code: 200, reason: "\${request.query['v']}" } }, ${header("${request.query['w']}")}] } }
  name: { path: /name, backend: up, access: public, policies: { inbound: [base, { set-header: { name: "\${request.query['v']}", values: [x] } }] } }
  method: { path: /method, backend: up, access: public, policies: { inbound: [base, { set-method: { method: "\${request.query['v']}" } }] } }
  rewrite: { path: /rewrite, backend: up, access: public, policies: { inbound: [base, { rewrite-uri: { template: "/fixed/\${request.query['v']}", copyUnmatchedParams: false } }] } }
  parameter: { path: /parameter, backend: up, access: public, policies: { inbound: [base, { set-query-parameter: { name: q, values: ["\${request.query['v']}"] } }] } }
backends: { up: { url: "${origin.url}" } }
`,
      args: ["--workers", "1"],
    });
  });
  after(async () => {
    await gateway.cleanUp();
    await origin.close();
  });

  it("a pattern that blows up elsewhere costs nothing here", async () => {
    const started = performance.now();
    const subjects = [`${"a".repeat(28)}!`, `${"a".repeat(15_000)}!`, "a".repeat(60_000)];
    for (const subject of subjects) {
      const { status } = await askRaw(gateway, `/regex?${"x".repeat(7000)}z`, [`X-In: ${subject}`]);
      assert.equal(status, 401);
    }
    assert.ok(performance.now() - started < 3000, "linear");
    assert.equal((await askRaw(gateway, "/regex", ["X-In: aaaa"])).status, 200);
  });

  const breaks = [
    "%0d%0aX-Evil:%201",
    "%0aX-Evil:%201",
    "%0dX-Evil:%201",
    "a%00b",
    "%E4%8D%8A%E4%BC%8AX-Evil:1",
    "%C4%8D%C4%8AX-Evil:1",
    "%0d%0a%0d%0aGET%20/hidden%20HTTP/1.1",
  ];

  it("CR, LF and NUL in a value, also as the low byte of a wide character, start no header upstream", async () => {
    for (const value of breaks) {
      origin.requests.length = 0;
      const answers = await Promise.all(
        ["query", "name", "method", "parameter", "rewrite"].map((api) => askRaw(gateway, `/${api}/x?v=${value}`)),
      );
      for (const { status } of answers) assert.ok(status === 200 || status === 500, String(status));
      assert.ok(origin.requests.every(({ target }) => !target.startsWith("/hidden")));
      for (const { fields } of origin.requests) assert.deepEqual(valuesOf(fields, "x-evil"), []);
    }
    assert.deepEqual(origin.violations, []);
  });

  it("and none for the client, nor a second response", async () => {
    for (const value of breaks) {
      for (const target of [`/echo?v=${value}`, `/reason?v=${value}&w=x`, `/reason?v=x&w=${value}`]) {
        const text = await exchangeRaw(
          gateway,
          `GET ${target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`,
        );
        const answers = responsesOf(text);
        assert.equal(answers.length, 1, target);
        assert.equal(fieldOf(answers[0]?.fields ?? [], "x-evil"), undefined, target);
        assert.doesNotMatch(text, /^X-Evil/im, target);
      }
    }
  });

  it("raw bytes that a header may not hold are refused before any policy sees them", async () => {
    for (const bytes of ["a\rX-Evil: 1", "a\nX-Evil: 1", "a\0b", "a\x7fb", "a\x01"]) {
      const text = await exchangeRaw(
        gateway,
        `GET /query HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nX-In: ${bytes}\r\n\r\n`,
      );
      assert.match(text, /^HTTP\/1\.1 400 /, JSON.stringify(bytes));
    }
  });

  it("a field that frames the message cannot be named by a value", async () => {
    for (const name of [
      "Transfer-Encoding",
      "content-length",
      "Connection",
      "X-Request-Id",
      "Host%20",
      "Upgrade",
      "TE",
      "",
    ]) {
      assert.equal((await askRaw(gateway, `/name?v=${name}`)).status, 500, name);
    }
    for (const method of ["CONNECT", "TRACE", "GET%20/hidden", ""]) {
      assert.equal((await askRaw(gateway, `/method?v=${method}`)).status, 500, method);
    }
  });

  it("a value adds no segment to a path and no parameter to a query", async () => {
    origin.requests.length = 0;
    for (const value of ["..", "../../admin", "%2e%2e/admin", "a/b", "a%2Fb", "a%3Fx%3D1", "a%23b"]) {
      await askRaw(gateway, `/rewrite?v=${encodeURIComponent(value)}`);
    }
    for (const { target } of origin.requests) assert.match(target, /^\/fixed\/[^/?#]+$/);
    assert.ok(origin.requests.every(({ target }) => !/^\/fixed\/(\.|%2e)+$/i.test(target)));
    await askRaw(gateway, `/parameter?v=${encodeURIComponent("1&admin=1#x")}`);
    assert.match(origin.requests.at(-1)?.target ?? "", /&q=1%26admin%3D1%23x$/);
  });
});
