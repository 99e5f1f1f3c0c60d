import assert from "node:assert/strict";
import { it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { askAdmin } from "#test/support/admin.ts";
import { call } from "#test/support/client.ts";
import { startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import { kafkaFront } from "#test/support/kafka-front.ts";
import { mockCluster } from "#test/support/kafka.ts";
import { needsCommand } from "#test/support/require.ts";

const password = "word-of-the-broker-4711";

// The broker is librdkafka's mock cluster, behind a stand-in that checks the login and can be away.
it("gives Kafka each record, over a broker that is away and a crash of the gateway", needsCommand("kcat"), async () => {
  const cluster = await mockCluster(1);
  const login = () => (said: Buffer) => (said.toString() === `\0gateway\0${password}` ? Buffer.alloc(0) : null);
  const broker = await kafkaFront({ behind: cluster.brokers[0] ?? "", login });
  const definition = `version: 1
edge: { https: off, listen: { http: "127.0.0.1:0" } }
audit:
  flush: 10ms
  sinks:
    bus:
      kafka: { brokers: ["127.0.0.1:${broker.port}"], tls: false, topic: record, mechanism: PLAIN, user: gateway, password: { env: WORD } }
      every: 100ms
      records: 10
      from: oldest
apis:
  hello: { path: /hello, access: public, respond: { body: hello } }
`;
  const start = (folder?: string): Promise<TestGateway> =>
    startTestGateway({
      definition,
      args: ["--workers", "1"],
      env: { WORD: password },
      ...(folder === undefined ? {} : { folder }),
    });
  let gateway = await start();
  const ask = async (): Promise<string> =>
    String((await call(gateway, "/hello", { fresh: true })).headers["x-request-id"]);
  const metricOf = async (pattern: RegExp): Promise<boolean> =>
    pattern.test((await askAdmin(gateway, "GET /metrics")).text);
  const until = async (isSo: () => Promise<boolean>): Promise<void> => {
    for (let tries = 0; !(await isSo()); tries += 1) {
      if (tries > 150) throw new Error(`not within 15 s\n${gateway.output()}`);
      await sleep(100);
    }
  };
  const arrived = async (ids: readonly string[]): Promise<boolean> => {
    const got = new Set((await cluster.messages("record")).map(({ id }) => id));
    return ids.every((id) => got.has(id));
  };
  try {
    const ids = [await ask()];
    await until(() => arrived(ids));
    await broker.stop();
    for (let count = 0; count < 25; count += 1) ids.push(await ask());
    await until(() => metricOf(/sallyport_sink_failures_total\{sink="bus"\} [1-9]/));
    await until(() => metricOf(/sallyport_sink_lag_seconds\{sink="bus"\} [0-9.]*[1-9]/));
    assert.match(gateway.output(), /a sink did not take records.*"bus".*ECONNREFUSED/);
    await gateway.kill();
    await broker.start();
    gateway = await start(gateway.folder);
    await until(() => arrived(ids));
    const messages = await cluster.messages("record");
    // What a crash has sent twice is the same record under the same id; in between they are in order.
    const first = [...new Set(messages.map(({ id }) => id))].filter((id) => ids.includes(id ?? ""));
    assert.deepEqual(first, ids);
    assert.equal(new Set(messages.map(({ key }) => key)).size, 1);
    for (const { id, text } of messages) assert.equal((JSON.parse(text) as { readonly id: string }).id, id);
    assert.ok(!gateway.output().includes(password));
  } finally {
    await gateway.cleanUp();
    await broker.stop();
    await cluster.stop();
  }
});
