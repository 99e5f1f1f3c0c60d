import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Logger } from "#model/definition.ts";
import { HeaderList } from "#model/header-list.ts";
import type { EgressRequest, EgressResponse } from "#model/ports.ts";
import { BodyRoom } from "#policy/body-room.ts";
import { cel, exchangeFor, keptLog, policy, portsWith, run } from "#policy/policy.test-helper.ts";

const logger: Logger = {
  name: "hub",
  url: "https://ns.example/hub/messages",
  authorization: { secret: true, value: "SharedAccessSignature sr=x" },
  sender: null,
  contentType: "application/json",
  at: { file: "f", line: 1, column: 1 },
};

/** A sink that answers when it is told to: a test double. */
function setUp(bodies = new BodyRoom(1_000_000, 10_000_000)) {
  const sent: EgressRequest[] = [];
  const waiting: (() => void)[] = [];
  const fetch = (request: EgressRequest): Promise<EgressResponse> => {
    sent.push(request);
    const answer = { status: 201, headers: new HeaderList(), body: new Uint8Array() };
    return new Promise((resolve) => waiting.push(() => resolve(answer)));
  };
  const { log, lines } = keptLog();
  const ports = portsWith({ egress: { fetch }, loggers: [logger], log, bodies });
  const answerAll = async (): Promise<void> => {
    while (waiting.length > 0) {
      for (const answer of waiting.splice(0)) answer();
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  return { sent, ports, lines, answerAll, bodies };
}

describe("log-to-eventhub", () => {
  it("sends its message to the logger, without credentials, and does not wait", async () => {
    const { sent, ports, answerAll, bodies } = setUp();
    const exchange = exchangeFor(["Authorization", "Bearer very-secret"]);
    const message = cel(`'{"path":"' + request.path + '","auth":"' + request.headers["authorization"] + '"}'`);
    assert.equal(run(policy("log-to-eventhub", { loggerId: "hub", message }), exchange, { ports }), undefined);
    const [event] = sent;
    assert.deepEqual(
      [event?.method, event?.url, event?.declared, String(event?.body)],
      ["POST", logger.url, true, '{"path":"/orders/7","auth":"Bearer ***"}'],
    );
    assert.deepEqual(event?.headers, [
      "Content-Type",
      "application/json",
      "Authorization",
      "SharedAccessSignature sr=x",
    ]);
    await answerAll();
    assert.equal(bodies.held, 0);
  });

  it("names the partition as Event Hubs wants it", async () => {
    const { sent, ports, answerAll } = setUp();
    run(policy("log-to-eventhub", { loggerId: "hub", message: "a", partitionId: "3" }), exchangeFor(), { ports });
    run(policy("log-to-eventhub", { loggerId: "hub", message: "a", partitionKey: 'ä"' }), exchangeFor(), { ports });
    assert.equal(sent[0]?.url, "https://ns.example/hub/partitions/3/messages");
    assert.deepEqual(sent[1]?.headers?.slice(-2), ["BrokerProperties", '{"PartitionKey":"\\u00e4\\""}']);
    await answerAll();
  });

  it("cuts what is long", async () => {
    const { sent, ports, answerAll } = setUp();
    run(policy("log-to-eventhub", { loggerId: "hub", message: "ä".repeat(300_000) }), exchangeFor(), { ports });
    assert.equal(sent[0]?.body?.byteLength, 200 * 1024);
    await answerAll();
  });

  it("drops what is too much at a time, says how much, and goes on", async () => {
    const { sent, ports, lines, answerAll, bodies } = setUp();
    const node = policy("log-to-eventhub", { loggerId: "hub", message: "event" });
    for (let count = 0; count < 3000; count += 1) run(node, exchangeFor(), { ports });
    assert.equal(sent.length, 32);
    await answerAll();
    assert.equal(sent.length, 32 + 2048);
    assert.deepEqual(lines, [
      ["warn", "events for loggers were dropped: there were too many at a time", { events: 920 }],
    ]);
    assert.equal(bodies.held, 0);
  });

  it("does not link without its logger", () => {
    assert.throws(() => run(policy("log-to-eventhub", { loggerId: "x", message: "a" }), exchangeFor()), /no logger x/);
  });
});
