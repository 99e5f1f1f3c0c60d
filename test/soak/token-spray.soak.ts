import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { call } from "#test/support/client.ts";
import { flood, residentOf } from "#test/support/flood.ts";
import { startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import { forgedToken, startIssuer, type TokenIssuer } from "#test/security/token-issuer.ts";
import { scaled } from "./support.ts";

const options = process.platform === "linux" ? {} : { skip: "resident memory is read from /proc" };
const legitimate = 200;
/** Verified for the first time, while all others come. */
const fresh = scaled(20_000);
const sprayed = scaled(1_000_000);
/**
 * Two workers: what each may remember (64 MiB of tokens, 8 MiB of refusals) and the heap that it takes for its work. A
 * token takes a kilobyte, so that all of them kept would be far more.
 */
const mostGrowth = 300;

describe("a spray of distinct tokens", options, () => {
  let issuer: TokenIssuer;
  let gateway: TestGateway;
  const good: string[] = [];

  before(async () => {
    issuer = await startIssuer();
    gateway = await startTestGateway({
      definition: `version: 1
edge: { https: "off", listen: { http: "127.0.0.1:0" } }
identity: { providers: { corp: { issuer: "${issuer.url}", audiences: ["api://test"] } } }
apis:
  who: { path: /who, access: [{ allow: principal.authenticated }], policies: { inbound: [base, { return-response: { status: 200, body: ok } }] } }
`,
      args: ["--workers", "2", "--log-level", "warn"],
    });
    for (let at = 0; at < legitimate; at += 1)
      good.push(await issuer.token({ sub: `person-${at}`, exp: 4_000_000_000 }));
  });
  after(async () => {
    await gateway?.cleanUp();
    await issuer?.close();
  });

  const request = (token: string): string =>
    `GET /who HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${token}\r\n\r\n`;

  function bad(at: number): string {
    const payload = { iss: issuer.url, aud: "api://test", sub: `s${at}`, exp: 4_000_000_000, pad: "x".repeat(600) };
    const signature = "A".repeat(86);
    if (at % 4 === 0) return forgedToken({ alg: "none" }, payload);
    if (at % 4 === 1)
      return forgedToken({ alg: "ES256", kid: "k1" }, { ...payload, iss: "https://stranger.example" }, signature);
    if (at % 4 === 2) return forgedToken({ alg: "ES256", kid: `k-${at}` }, payload, signature);
    return forgedToken({ alg: "ES256", kid: "k1", typ: "at+jwt" }, payload, signature);
  }

  it(
    `${sprayed} bad ones and ${fresh} good ones: memory stays, and whoever has a good one passes all the while`,
    { timeout: 3_000_000 },
    async () => {
      await flood(gateway, 20_000, (at) => request(good[at % good.length] as string));
      const start = residentOf(gateway);
      let over = false;
      let slowest = 0;
      let passed = 0;
      const people = (async () => {
        while (!over) {
          const token = good[passed % good.length] as string;
          const began = performance.now();
          const { status } = await call(gateway, "/who", { headers: { authorization: `Bearer ${token}` } });
          assert.equal(status, 200);
          slowest = Math.max(slowest, performance.now() - began);
          passed += 1;
          await sleep(5);
        }
      })();
      const began = performance.now();
      const newcomers = (async () => {
        for (let at = 0; at < fresh; at += 500) {
          const some = await Promise.all(
            Array.from({ length: 500 }, (_, nth) => issuer.token({ sub: `new-${at + nth}`, pad: "y".repeat(600) })),
          );
          assert.deepEqual(await flood(gateway, some.length, (nth) => request(some[nth] as string)), {
            200: some.length,
          });
        }
      })();
      const statuses = await flood(gateway, sprayed, (at) => request(bad(at)));
      const seconds = (performance.now() - began) / 1000;
      await newcomers;
      over = true;
      await people;
      assert.deepEqual(statuses, { 401: sprayed });
      const grown = residentOf(gateway) - start;
      const found = { sprayed, fresh, passed, slowestMs: Math.round(slowest), seconds: Math.round(seconds) };
      process.stderr.write(
        `${JSON.stringify({ ...found, startMiB: Math.round(start), grownMiB: Math.round(grown) })}\n`,
      );
      assert.ok(passed > 0);
      assert.ok(grown < mostGrowth, `${Math.round(grown)} MiB more than the ${Math.round(start)} MiB at the start`);
    },
  );
});
