import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { gunzipSync } from "node:zlib";
import { HeaderList } from "#model/header-list.ts";
import type { InsightsLogger } from "#model/diagnostics.ts";
import type { ManagedIdentity } from "#model/managed-identity.ts";
import type { Egress } from "#model/ports.ts";
import { Ingestion } from "./ingestion.ts";

const key = { secret: true, value: "k" } as const;
const logger = { name: "insights", endpoint: "https://in.example", key, identity: null };
const items = ["a", "b", "c"].map((name) => ({ name }));

interface Planned {
  /** 0: it cannot be reached. */
  readonly status: number;
  readonly after?: string;
  readonly body?: unknown;
}

const nobody: ManagedIdentity = { token: () => Promise.reject(new Error("no identity")) };

function endpoint(...planned: Planned[]) {
  return endpointFor(logger, nobody, planned);
}

function endpointFor(told: InsightsLogger, identity: ManagedIdentity, planned: Planned[]) {
  const sent: string[][] = [];
  const shown: (string | undefined)[] = [];
  const egress: Egress = {
    fetch: async ({ url, body, declared, headers = [] }) => {
      shown.push(new HeaderList([...headers]).get("authorization"));
      assert.deepEqual([url, declared], ["https://in.example/v2.1/track", true]);
      const got = JSON.parse(gunzipSync(body ?? new Uint8Array()).toString()) as { readonly name: string }[];
      sent.push(got.map(({ name }) => name));
      const { status, after = "0", body: answer = {} } = planned.shift() ?? { status: 200 };
      if (status === 0) throw new Error("nobody there");
      return { status, headers: new HeaderList(["Retry-After", after]), body: Buffer.from(JSON.stringify(answer)) };
    },
  };
  const clock = { at: 0, now: () => 0, mono: () => clock.at };
  const stop = new AbortController();
  const ingestion = new Ingestion(told, { egress, clock, identity, signal: stop.signal });
  return { sent, shown, clock, stop, ingestion };
}

describe("what is sent to Application Insights", () => {
  it("is sent again as a whole where that may help, and not where it cannot", async () => {
    for (const status of [408, 429, 500, 502, 503, 504]) {
      const { ingestion, sent } = endpoint({ status }, { status });
      assert.deepEqual(await ingestion.send(items), { lost: 0, why: null }, String(status));
      assert.equal(sent.length, 3);
    }
    for (const status of [307, 400, 401, 403, 404, 413]) {
      const { ingestion, sent } = endpoint({ status });
      assert.deepEqual(await ingestion.send(items), { lost: 3, why: `insights answered ${status}` });
      assert.equal(sent.length, 1);
    }
    const away = endpoint(...Array.from({ length: 4 }, () => ({ status: 503 })));
    assert.deepEqual(await away.ingestion.send(items), { lost: 3, why: "insights answered 503" });
    assert.equal(away.sent.length, 4);
  });

  it("is sent again item by item, where some were taken", async () => {
    const errors = [
      { index: 0, statusCode: 400, message: "no name" },
      { index: 2, statusCode: 500, message: "later" },
      { index: 2, statusCode: 500, message: "twice" },
      { index: 9, statusCode: 500, message: "nobody" },
    ];
    const { ingestion, sent } = endpoint({ status: 206, body: { itemsReceived: 3, itemsAccepted: 1, errors } });
    assert.deepEqual(await ingestion.send(items), { lost: 1, why: "400: no name" });
    assert.deepEqual(sent, [["a", "b", "c"], ["c"]]);
    const odd = endpoint({ status: 206, body: { errors: [null, 7, { index: "0" }] } });
    assert.deepEqual(await odd.ingestion.send(items), { lost: 0, why: null });
  });

  it("is not sent while an instance has had all that it takes", async () => {
    for (const status of [402, 439]) {
      const { ingestion, sent, clock } = endpoint({ status, after: "120" });
      assert.equal((await ingestion.send(items)).lost, 3);
      clock.at = 119_000;
      assert.deepEqual(await ingestion.send(items), {
        lost: 3,
        why: "insights has had all that it takes for now",
      });
      assert.equal(sent.length, 1);
      clock.at = 121_000;
      assert.equal((await ingestion.send(items)).lost, 0);
    }
  });

  it("shows a token of the gateway's own identity, where the logger says so, and is not sent without it", async () => {
    const own = { ...logger, identity: { audience: "https://monitor.azure.com/", clientId: "me" } };
    const asked: string[] = [];
    const identity: ManagedIdentity = {
      token: (resource, clientId) => {
        asked.push(`${clientId} ${resource}`);
        return "t0ken";
      },
    };
    const { ingestion, shown } = endpointFor(own, identity, []);
    assert.deepEqual(await ingestion.send(items), { lost: 0, why: null });
    assert.deepEqual([shown, asked], [["Bearer t0ken"], ["me https://monitor.azure.com/"]]);
    const without = endpointFor(own, nobody, []);
    without.stop.abort();
    assert.deepEqual(await without.ingestion.send(items), { lost: 3, why: "Error: no identity" });
    assert.deepEqual(without.sent, []);
    const plain = endpoint();
    await plain.ingestion.send(items);
    assert.deepEqual(plain.shown, [undefined]);
  });

  it("is tried once more at a stop, and no longer waited for", async () => {
    const { ingestion, sent, stop } = endpoint({ status: 0 }, { status: 0 });
    stop.abort();
    const { lost, why } = await ingestion.send(items);
    assert.deepEqual([lost, why, sent.length], [3, "Error: nobody there", 1]);
  });
});
