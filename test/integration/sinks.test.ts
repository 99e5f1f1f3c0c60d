import assert from "node:assert/strict";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { gunzipSync } from "node:zlib";
import { isSigned } from "#lib/standard-webhooks.ts";
import { askAdmin } from "#test/support/admin.ts";
import { call } from "#test/support/client.ts";
import { startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import { type OtlpReceiver, startOtlpReceiver } from "#test/support/otlp-receiver.ts";
import { type S3Bucket, startS3Bucket } from "#test/support/s3-bucket.ts";
import { startServiceBus, type TestServiceBus } from "#test/support/service-bus.ts";
import { startUpstream, type TestUpstream } from "#test/support/upstream.ts";
import { startWebhookReceiver, type WebhookReceiver } from "#test/support/webhook-receiver.ts";

const env = {
  HOOK_SECRET: `whsec_${Buffer.from("a secret of thirty-two bytes ok!").toString("base64")}`,
  HOOK_TOKEN: "token-of-the-receiver-4711",
  S3_ID: "AKIDEXAMPLE",
  S3_SECRET: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
};

const hubKey = "key-of-the-hub-4711=";

interface Lines {
  readonly id: string;
  readonly decision?: string;
}

describe("sinks of the record", () => {
  let upstream: TestUpstream;
  let hook: WebhookReceiver;
  let bucket: S3Bucket;
  let collector: OtlpReceiver;
  let hub: TestServiceBus;
  let gateway: TestGateway;

  const definition = (more: string = ""): string => `version: 1
edge: { https: off, listen: { http: "127.0.0.1:0" } }
audit:
  flush: 10ms
  segmentSize: 64KiB
  sinks:
    siem:
      webhook:
        url: "${hook.url}/in/of-nobody-else"
        secret: { env: HOOK_SECRET }
        headers: { X-Api-Key: { env: HOOK_TOKEN } }
      from: oldest
      every: 100ms
      records: 50
    archive:
      s3: { bucket: "${bucket.url}", region: eu-central-1, prefix: gw/, accessKeyId: { env: S3_ID }, secretAccessKey: { env: S3_SECRET } }
      format: ocsf
      filter: decision == "deny"
      every: 100ms
    collector:
      otlp: { endpoint: "${collector.url}" }
      every: 100ms
    hub:
      eventHub: { connection: { env: HUB } }
      filter: decision == "deny"
      every: 100ms
${more}
apis:
  orders: { path: /orders, access: public, backend: echo, operations: { read: { method: GET, path: "/{id}" } } }
  closed: { path: /closed, access: [{ allow: '"x" in principal.groups' }], backend: echo }
backends: { echo: { url: "${upstream.url}" } }
`;
  const start = (folder?: string): Promise<TestGateway> =>
    startTestGateway({
      definition: definition(),
      args: ["--workers", "1"],
      env: { ...env, HUB: connectionOf(hub.url) },
      ...(folder === undefined ? {} : { folder }),
    });

  const connectionOf = (url: string): string =>
    `Endpoint=sb://${new URL(url).host}/;SharedAccessKeyName=send;SharedAccessKey=${hubKey};EntityPath=orders;UseDevelopmentEmulator=true`;

  before(async () => {
    upstream = await startUpstream();
    hook = await startWebhookReceiver();
    bucket = await startS3Bucket({ id: env.S3_ID, secret: env.S3_SECRET, region: "eu-central-1" });
    collector = await startOtlpReceiver();
    hub = await startServiceBus({ keyName: "send", key: hubKey, token: "" });
    gateway = await start();
  });
  after(async () => {
    await gateway?.cleanUp();
    await Promise.all([upstream?.close(), hook?.close(), bucket?.close(), collector?.close(), hub?.close()]);
  });

  const until = async (isSo: () => boolean, what: string): Promise<void> => {
    for (let tries = 0; !isSo(); tries += 1) {
      if (tries > 300) throw new Error(`${what}: not within 15 s\n${gateway.output()}`);
      await sleep(50);
    }
  };
  const hooked = (): readonly string[] => hook.calls.flatMap(({ body }) => body.toString().trimEnd().split("\n"));
  const ask = async (path: string): Promise<string> =>
    String((await call(gateway, path, { fresh: true })).headers["x-request-id"]);
  /** Ids in the record itself. */
  const recorded = (): readonly string[] =>
    readdirSync(join(gateway.data, "audit"))
      .filter((name) => name.endsWith(".jsonl"))
      .flatMap((name) =>
        readFileSync(join(gateway.data, "audit", name), "utf8")
          .trimEnd()
          .split("\n"),
      )
      .filter((line) => line.startsWith('{"id":'));

  it("gives a webhook the lines of the record, signed", async () => {
    const id = await ask("/orders/7");
    await until(() => hooked().some((line) => line.includes(id)), "the record at the webhook");
    const line = hooked().find((one) => one.includes(id)) ?? "";
    assert.ok(recorded().includes(line));
    const { headers, body } = hook.calls.find((one) => one.body.includes(id)) ?? assert.fail();
    const fields = {
      id: String(headers["webhook-id"]),
      timestamp: String(headers["webhook-timestamp"]),
      signature: String(headers["webhook-signature"]),
    };
    assert.ok(isSigned(env.HOOK_SECRET, fields, body, Date.now()));
    assert.equal(headers["x-api-key"], env.HOOK_TOKEN);
  });

  it("puts what a filter lets through into a bucket, as events of OCSF", async () => {
    const id = await ask("/closed/7");
    await ask("/orders/8");
    await until(() => bucket.objects.size > 0 || bucket.refused.length > 0, "an object");
    assert.deepEqual(bucket.refused, []);
    const [[name, packed] = assert.fail()] = bucket.objects;
    assert.match(name, /^gw\/\d{4}\/\d\d\/\d\d\/[0-9a-f-]{36}_[0-9a-f-]{36}\.jsonl\.gz$/);
    const events = gunzipSync(packed).toString().trimEnd().split("\n");
    const [event] = events.map((one) => JSON.parse(one) as Record<string, unknown>);
    assert.deepEqual([events.length, event?.["class_uid"], event?.["action"]], [1, 6003, "Denied"]);
    assert.ok(events[0]?.includes(id));
  });

  it("gives a receiver of OTLP a log record each", async () => {
    const id = await ask("/closed/9");
    const find = (): (typeof collector.logs)[number] | undefined =>
      collector.logs.find(({ attributes }) => attributes["log.record.uid"] === id);
    await until(() => find() !== undefined, "the log record");
    const log = find();
    assert.deepEqual([log?.eventName, log?.severityText], ["sallyport.request", "WARN"]);
    const record = JSON.parse(log?.body.stringValue ?? "") as Lines;
    assert.deepEqual([record.id, record.decision], [id, "deny"]);
  });

  it("gives a hub of Event Hubs an event each, in batches", async () => {
    const id = await ask("/closed/10");
    await until(() => hub.seen.some(({ body }) => body.includes(id)), "the event");
    const { headers, body } = hub.seen.find((one) => one.body.includes(id)) ?? assert.fail();
    assert.equal(headers["content-type"], "application/vnd.microsoft.servicebus.json");
    const events = JSON.parse(body) as { readonly Body: string; readonly UserProperties: { readonly id: string } }[];
    const event = events.find(({ UserProperties }) => UserProperties.id === id);
    assert.equal((JSON.parse(event?.Body ?? "") as Lines).id, id);
  });

  it("keeps what a receiver does not take, over a crash, and tells of it", async () => {
    hook.answer = () => 503;
    const ids: string[] = [];
    for (let count = 0; count < 60; count += 1) ids.push(await ask(`/orders/${count}`));
    const triesBefore = hook.tries;
    await until(() => hook.tries > triesBefore, "another try");
    const { text } = await askAdmin(gateway, "GET /metrics");
    assert.match(text, /sallyport_sink_failures_total\{sink="siem"\} [1-9]/);
    assert.match(text, /sallyport_sink_lag_seconds\{sink="siem"\} [0-9.]*[1-9]/);
    assert.match(gateway.output(), /a sink did not take records.*"siem".*503/);
    await until(() => ids.every((id) => recorded().some((line) => line.includes(id))), "records on the disk");
    await gateway.kill();
    let tries = 0;
    // One that takes some, and answers others with an error.
    hook.answer = () => ((tries += 1) % 2 === 0 ? 200 : 500);
    gateway = await start(gateway.folder);
    await until(() => ids.every((id) => hooked().some((line) => line.includes(id))), "all of them at the webhook");
    hook.answer = () => 204;
  });

  it("sends what comes last before it ends, and shows no secret", async () => {
    const id = await ask("/orders/last");
    assert.equal(await gateway.stop(), 0);
    assert.ok(hooked().some((line) => line.includes(id)));
    // A short record is sent written out, with the hash of its line.
    const hashOf = (line: string): string => /"hash":"([0-9a-f]{64})"/.exec(line)?.[1] ?? line;
    const got = new Set(hooked().map(hashOf));
    assert.deepEqual(
      recorded().filter((line) => !got.has(hashOf(line))),
      [],
    );
    for (const line of hooked()) assert.ok(line.includes('"principal":{'), line);
    const output = gateway.output();
    for (const secret of [...Object.values(env), hubKey, "of-nobody-else"]) assert.ok(!output.includes(secret), secret);
    gateway = await start(gateway.folder);
  });

  it("follows a reload: a sink more, from now on", async () => {
    const file = join(gateway.folder, "sallyport.yaml");
    const more = `    second: { webhook: { url: "${hook.url}/second", secret: { env: HOOK_SECRET } }, filter: status == 404, every: 100ms }`;
    writeFileSync(file, definition(more));
    assert.equal((await askAdmin(gateway, "POST /reload")).status, 200);
    await until(() => readdirSync(join(gateway.data, "sinks")).includes("second.json"), "the cursor");
    const id = await ask("/nowhere");
    const count = (): number => hooked().filter((line) => line.includes(id)).length;
    await until(() => count() === 2, "the record twice");
    assert.equal(hooked().filter((line) => line.includes("/orders/last")).length, 1);
  });
});
