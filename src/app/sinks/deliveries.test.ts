import assert from "node:assert/strict";
import { it } from "node:test";
import type { SentRecord } from "#audit/sinks/delivery.ts";
import { HeaderList } from "#model/header-list.ts";
import type { EgressRequest } from "#model/ports.ts";
import type { RecordSinkSettings, SinkTarget } from "#model/sinks.ts";
import { type Delivery, deliveryOf } from "./deliveries.ts";

const records = ["a", "b"].map((id) => ({ record: { id, time: "2026-01-02T03:04:05.678Z" }, text: `{"id":"${id}"}` }));
const otlp = { kind: "otlp", endpoint: "http://127.0.0.1:1", protocol: "http/json", compression: "none", headers: [] };
const hub = { kind: "eventHub", url: "https://ns.example/hub/messages", sender: { clientId: "mine" } };
const webhook = {
  kind: "webhook",
  url: "https://siem.example/secret-path",
  secret: { secret: true, value: "s" },
  headers: [],
};

interface Answer {
  readonly status: number;
  readonly headers?: readonly string[];
  readonly body?: string;
}

async function send(target: object, answer: Answer | Error): Promise<[Awaited<ReturnType<Delivery["send"]>>, string]> {
  let asked: EgressRequest | undefined;
  const ports = {
    egress: {
      fetch: async (request: EgressRequest) => {
        asked = request;
        if (answer instanceof Error) throw answer;
        const { status, headers = [], body = "" } = answer;
        return { status, headers: new HeaderList([...headers]), body: new TextEncoder().encode(body) };
      },
    },
    clock: { now: () => 1_767_323_045_678 },
    identity: { token: (resource: string, clientId: string) => `token of ${clientId} for ${resource}` },
    mayDial: async () => {},
    brokers: () => async () => [],
    timeoutMs: 1000,
    ca: null,
  };
  const facts = { serviceName: "s", version: "1", node: "n", environment: "dev", more: [] };
  const settings = { target: target as SinkTarget } as RecordSinkSettings;
  const delivery = deliveryOf(settings, ports as unknown as Parameters<typeof deliveryOf>[1], facts);
  const result = await delivery.send(records as unknown as readonly SentRecord[]);
  return [result, (asked?.headers ?? []).join("\n")];
}

it("speaks to a hub as the gateway's own identity", async () => {
  const [result, headers] = await send(hub, { status: 201 });
  assert.deepEqual(result, { outcome: "taken", rejected: 0, why: null });
  assert.match(headers, /^Bearer token of mine for https:\/\/eventhubs\.azure\.net$/m);
});

it("counts what a collector refuses of a batch that it takes, and sends fewer where it says so", async () => {
  const body = '{"partialSuccess":{"rejectedLogRecords":"1"}}';
  const [partial] = await send(otlp, { status: 200, body });
  assert.deepEqual(partial, { outcome: "taken", rejected: 1, why: "the receiver has refused some of it" });
  for (const target of [otlp, hub, webhook]) {
    assert.equal((await send(target, { status: 413 }))[0].outcome, "too-large");
    // What is wrong may be put right: nothing is given up.
    for (const status of [302, 400, 401, 410, 500]) {
      assert.equal((await send(target, { status }))[0].outcome, "retry", String(status));
    }
  }
});

it("waits as long as a receiver asks, within bounds, and says nothing of where it is", async () => {
  const busy = (seconds: string): Answer => ({ status: 503, headers: ["Retry-After", seconds] });
  const [asked] = await send(webhook, busy("7"));
  assert.deepEqual(asked, { outcome: "retry", why: "the receiver answered 503", afterMs: 7000 });
  const [long] = await send(webhook, busy("999999"));
  assert.equal("afterMs" in long && long.afterMs, 300_000);
  const [failed] = await send(webhook, new Error("connect to https://siem.example/secret-path"));
  assert.deepEqual(failed, { outcome: "retry", why: "it failed" });
});
