import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { runCli, startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import { startUpstream, type TestUpstream } from "#test/support/upstream.ts";
import { diceOf, KeepAliveClient, scaled, soakSeed } from "./support.ts";

const key = "sp_soak_0123456789abcdef0123456789";

interface Limit {
  readonly path: string;
  readonly calls: number;
  readonly periodMs: number;
}

/** Above 256 calls the limiter counts in sub-windows; up to there it keeps every time stamp. */
const trailing: readonly Limit[] = [
  { path: "/tiny", calls: 3, periodMs: 1000 },
  { path: "/small", calls: 20, periodMs: 1000 },
  { path: "/middle", calls: 150, periodMs: 2000 },
  { path: "/edge", calls: 256, periodMs: 3000 },
  { path: "/large", calls: 400, periodMs: 3000 },
];

const totals: readonly Limit[] = [
  { path: "/total-small", calls: 120, periodMs: 86_400_000 },
  { path: "/total-large", calls: 500, periodMs: 86_400_000 },
];

interface Allowed {
  readonly sent: number;
  readonly received: number;
}

/**
 * The gateway decided at some moment between the client's sending and receiving, so only requests that lie wholly
 * within a span shorter than the period prove that the limit was exceeded. Two milliseconds are given for the limiter's
 * clock, which counts whole ones; the two clocks are the same machine's.
 */
function worstWindow(requests: readonly Allowed[], periodMs: number): number {
  const byReceipt = requests.toSorted((left, right) => left.received - right.received);
  let worst = 0;
  for (const { sent: start } of requests) {
    let inside = 0;
    for (const { sent, received } of byReceipt) {
      if (received - start > periodMs - 2) break;
      if (sent >= start) inside += 1;
    }
    worst = Math.max(worst, inside);
  }
  return worst;
}

describe(`limiter storm (seed ${soakSeed})`, () => {
  let upstream: TestUpstream;
  let gateway: TestGateway;

  before(async () => {
    upstream = await startUpstream((request, response) => {
      request.resume();
      response.end("ok");
    });
    const apis = [...trailing, ...totals].map(
      ({ path, calls, periodMs }) =>
        `  ${path.slice(1)}: { path: ${path}, backend: up, access: public, policies: { inbound: [base, { rate-limit-by-key: { calls: ${calls}, period: ${periodMs / 1000}s, key: "\${request.headers['x-who']}" } }] } }\n`,
    );
    gateway = await startTestGateway({
      definition: `version: 1
edge: { https: internal, listen: { https: "127.0.0.1:0", http: "127.0.0.1:0" } }
apis:
${apis.join("")}  metered: { path: /metered, backend: up }
backends: { up: { url: "${upstream.url}", maxConnections: 512 } }
products: { meter: { apis: [metered], subscription: key, policies: { inbound: [base, { quota: { calls: 777, period: 7d } }] } } }
subscriptions: { soak: { product: meter, key: { env: SOAK_KEY } } }
`,
      args: ["--workers", "2"],
      env: { SOAK_KEY: key },
    });
  });
  after(async () => {
    await gateway.cleanUp();
    await upstream.close();
  });

  /** Many connections of their own, so that both workers decide about every key. */
  async function storm(
    connections: number,
    one: (client: KeepAliveClient, index: number) => Promise<void>,
  ): Promise<void> {
    const clients = Array.from({ length: connections }, () => new KeepAliveClient(gateway, 1));
    await Promise.all(clients.map((client, index) => one(client, index)));
    for (const client of clients) client.close();
  }

  it("never lets more through than said in any trailing window, whichever worker is asked", async (t) => {
    const allowed = new Map<string, Allowed[]>();
    const end = performance.now() + scaled(25_000);
    let asked = 0;
    await storm(32, async (client, index) => {
      const dice = diceOf(soakSeed + index);
      while (performance.now() < end) {
        const { path } = dice.pick(trailing);
        const who = `key-${dice.below(2)}`;
        const sent = performance.now();
        const { status } = await client.get(path, { "x-who": who });
        const received = performance.now();
        asked += 1;
        if (status === 200) {
          const list = allowed.get(`${path} ${who}`) ?? [];
          allowed.set(`${path} ${who}`, list);
          list.push({ sent, received });
        } else assert.equal(status, 429);
        // Bursts: what a limit that is kept per second only would let through twice.
        if (dice.below(200) === 0) await sleep(dice.between(200, 1200));
      }
    });
    const shown: string[] = [];
    for (const { path, calls, periodMs } of trailing) {
      for (const who of ["key-0", "key-1"]) {
        const list = allowed.get(`${path} ${who}`) ?? [];
        const worst = worstWindow(list, periodMs);
        shown.push(`${path} ${calls}/${periodMs} ms: ${list.length} let through, at most ${worst} in a window`);
        assert.ok(worst <= calls, `${path}: ${worst} of ${calls} calls within ${periodMs} ms`);
        assert.ok(list.length >= Math.min(calls, 3), "and it does let some through");
      }
    }
    t.diagnostic(`${asked} requests`);
    for (const line of shown) t.diagnostic(line);
  });

  it("lets exactly as many through as said, when the window outlasts the storm", async (t) => {
    for (const { path, calls } of totals) {
      const statuses = new Map<number, number>();
      await storm(24, async (client) => {
        for (let at = 0; at < Math.ceil((calls * 2) / 24); at += 1) {
          const { status } = await client.get(path, { "x-who": "all" });
          statuses.set(status, (statuses.get(status) ?? 0) + 1);
        }
      });
      assert.equal(statuses.get(200), calls, `${path}: ${JSON.stringify([...statuses])}`);
      assert.deepEqual([...statuses.keys()].toSorted(), [200, 429]);
      t.diagnostic(`${path}: ${JSON.stringify([...statuses])}`);
    }
  });

  it("lets exactly a quota's calls through, over all workers, and the record tells the same", async (t) => {
    const statuses = new Map<number, number>();
    await storm(24, async (client) => {
      for (let at = 0; at < 60; at += 1) {
        const { status } = await client.get("/metered", { "ocp-apim-subscription-key": key });
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
      }
    });
    t.diagnostic(JSON.stringify([...statuses]));
    assert.deepEqual([...statuses.keys()].toSorted(), [200, 403]);
    assert.equal(statuses.get(200), 777);
    assert.equal(await gateway.stop(), 0);
    const { code, stdout } = await runCli(["audit", "verify", "--data", gateway.data]);
    assert.equal(code, 0, stdout);
  });
});
