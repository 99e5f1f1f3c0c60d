import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { askAdmin } from "#test/support/admin.ts";
import { call } from "#test/support/client.ts";
import { eventOf } from "#test/support/events.ts";
import { startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import { startWebhookReceiver, type WebhookReceiver } from "#test/support/webhook-receiver.ts";

let hook: WebhookReceiver;
let gateway: TestGateway;

const definition = (): string => `version: 1
edge: { https: off, listen: { http: "127.0.0.1:0" } }
audit:
  flush: 10ms
  segmentSize: 128KiB
  retention: { size: 1MiB, behind: { size: 1MiB } }
  sinks: { siem: { webhook: { url: "${hook.url}/", secret: { env: HOOK_SECRET } }, from: oldest, every: 100ms } }
apis: { hello: { path: /, access: public, policies: { inbound: [{ return-response: { body: hello } }] } } }
`;

before(async () => {
  hook = await startWebhookReceiver();
  hook.answer = () => 503;
  const env = { HOOK_SECRET: `whsec_${Buffer.from("a secret of thirty-two bytes ok!").toString("base64")}` };
  gateway = await startTestGateway({ definition: definition(), args: ["--workers", "1"], env });
});
after(async () => {
  await gateway?.cleanUp();
  await hook?.close();
});

const segments = (): readonly string[] =>
  readdirSync(join(gateway.data, "audit")).filter((name) => name.endsWith(".jsonl"));

/** Each has a record of some 3 kB. */
async function send(requests: number): Promise<void> {
  const path = `/${"p".repeat(1900)}`;
  for (let sent = 0; sent < requests; sent += 10) {
    await Promise.all(Array.from({ length: 10 }, () => call(gateway, path)));
  }
}

it("keeps what a receiver that is away has not taken, up to a bound, beyond which it goes with an alarm", async () => {
  await send(10);
  while (segments().length < 12) await send(20);
  assert.equal(segments()[0], "00000001.jsonl", "1.4 MiB, of which 1 would be kept");
  const missed = async (): Promise<number> => {
    const { text } = await askAdmin(gateway, "GET /metrics");
    return Number(/sallyport_sink_missed_segments_total\{sink="siem"\} (\d+)/.exec(text)?.[1]);
  };
  assert.equal(await missed(), 0);
  while (segments()[0] === "00000001.jsonl") await send(20);
  assert.ok(segments().length > 12);
  while ((await missed()) === 0) await sleep(20);
  const event = await eventOf(gateway, "sink.passed-over", ({ details }) => details["to"] === 1);
  assert.deepEqual(event?.details, { names: ["siem"], segments: 1, to: 1 });
  assert.match(gateway.output(), /went before sinks had taken them/);
  // Once it takes them again, no more is kept than retention says.
  hook.answer = () => 204;
  while (segments().length > 9) {
    await sleep(100);
    await send(10);
  }
});
