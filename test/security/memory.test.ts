import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import { flood as floodGateway, residentOf } from "#test/support/flood.ts";
import { startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import { forgedToken, startIssuer, type TokenIssuer } from "./token-issuer.ts";

/** Above what a worker takes for its caches and heap when it is used at all: growth with the client's choices is more. */
const mostGrowth = 220;
const options = existsSync("/proc/self/status") ? {} : { skip: "resident memory is read from /proc" };

/** What a client can choose without end (limiter keys, paths, queries, tokens) must not pile up. */
describe("memory under what clients choose", options, () => {
  let issuer: TokenIssuer;
  let gateway: TestGateway;
  let start = 0;

  before(async () => {
    issuer = await startIssuer();
    gateway = await startTestGateway({
      definition: `version: 1
edge: { https: "off", listen: { http: "127.0.0.1:0" } }
identity: { providers: { corp: { issuer: "${issuer.url}", audiences: ["api://test"] } } }
apis:
  limited: { path: /limited, access: public, policies: { inbound: [base, { rate-limit-by-key: { calls: 100, period: 1h, key: "\${request.headers['x-who']}" } }, { return-response: { status: 200, body: ok } }] } }
  free:
    path: /free
    access: public
    operations: { any: { method: "*", path: "/{*rest}" } }
    policies: { inbound: [base, { set-variable: { name: v, value: "\${request.query['a']}" } }, { return-response: { status: 200, body: ok } }] }
  who: { path: /who, access: [{ allow: principal.authenticated }], policies: { inbound: [base, { return-response: { status: 200, body: ok } }] } }
`,
      args: ["--workers", "1", "--log-level", "warn"],
    });
    await flood(5000, (at) => request(`/free/warm?a=${at}`));
    start = resident();
  });
  after(async () => {
    await gateway.cleanUp();
    await issuer.close();
  });

  const request = (target: string, field: string = "X: 1"): string =>
    `GET ${target} HTTP/1.1\r\nHost: localhost\r\n${field}\r\n\r\n`;

  const resident = (): number => residentOf(gateway);
  const flood = (count: number, make: (at: number) => string): Promise<Record<string, number>> =>
    floodGateway(gateway, count, make);

  function assertBounded(): void {
    const grown = resident() - start;
    assert.ok(grown < mostGrowth, `${Math.round(grown)} MiB more than at the start (${Math.round(start)} MiB)`);
  }

  it("100,000 limiter keys", { timeout: 120_000 }, async () => {
    const statuses = await flood(100_000, (at) => request("/limited", `X-Who: client-${at}-${"x".repeat(40)}`));
    assert.equal((statuses["200"] ?? 0) + (statuses["429"] ?? 0), 100_000, JSON.stringify(statuses));
    assertBounded();
  });

  it("30,000 paths, 4,000 long queries", { timeout: 120_000 }, async () => {
    assert.deepEqual(await flood(30_000, (at) => request(`/free/${at}/${"p".repeat(200)}?a=1`)), { 200: 30_000 });
    assert.deepEqual(await flood(4000, (at) => request(`/free?a=${at}${"&b=c".repeat(3000)}`)), { 200: 4000 });
    assertBounded();
  });

  it(
    "20,000 bad tokens: unsigned, of strangers, of keys that are not there, of our issuer with a false signature",
    { timeout: 120_000 },
    async () => {
      const payload = { iss: issuer.url, aud: "api://test", exp: 4_000_000_000 };
      const signature = "A".repeat(86);
      const kinds: readonly ((at: number) => string)[] = [
        (at) => forgedToken({ alg: "none" }, { ...payload, sub: `n${at}` }),
        (at) =>
          forgedToken({ alg: "ES256", kid: "k1" }, { ...payload, iss: `https://stranger-${at}.example` }, signature),
        (at) => forgedToken({ alg: "ES256", kid: `k-${at}` }, { ...payload, sub: "u" }, signature),
        (at) =>
          forgedToken(
            { alg: "ES256", kid: "k1", typ: "at+jwt" },
            { ...payload, sub: `s${at}`, pad: "x".repeat(800) },
            signature,
          ),
      ];
      const statuses = await flood(20_000, (at) =>
        request("/who", `Authorization: Bearer ${(kinds[at % 4] as (at: number) => string)(at)}`),
      );
      assert.deepEqual(statuses, { 401: 20_000 });
      assertBounded();
    },
  );
});
