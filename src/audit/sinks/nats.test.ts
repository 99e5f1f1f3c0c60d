import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { after, before, describe, it } from "node:test";
import type { NatsTarget } from "#model/sinks.ts";
import { natsServer, type NatsServer } from "#test/support/nats.ts";
import { needsCommand } from "#test/support/require.ts";
import type { SentRecord } from "./delivery.ts";
import { NatsDelivery, type NatsPorts } from "./nats.ts";

const password = "a word for the test";

const recordOf = (id: string, stage?: string): SentRecord =>
  ({
    record: { id, ...(stage !== undefined && { stage }) },
    line: `line of ${id}`,
    text: `text of ${id}`,
    end: { segment: 1, offset: 1 },
  }) as unknown as SentRecord;

function selfSigned(): readonly [certificate: string, key: string] {
  const args =
    "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1 -subj /CN=localhost -keyout - -out -";
  const text = execFileSync("openssl", [...args.split(" "), "-addext", "subjectAltName=DNS:localhost"], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  const [key = "", certificate = ""] = text.split(/(?=-----BEGIN CERTIFICATE)/);
  return [certificate, key];
}

describe("a sink in NATS", needsCommand("nats-server"), () => {
  let server: NatsServer;
  const opened: NatsDelivery[] = [];

  before(async () => {
    server = await natsServer("gateway", password);
    await server.start();
  });
  after(async () => {
    await Promise.all(opened.map((one) => one.close()));
    await server?.cleanUp();
  });

  const open = (target: Partial<NatsTarget> = {}, ports: Partial<NatsPorts> = {}): NatsDelivery => {
    const login = { user: "gateway", password: { secret: true, value: password } } as const;
    const place = { kind: "nats", host: "127.0.0.1", port: server.port, secure: false } as const;
    const delivery = new NatsDelivery(
      { ...place, subject: "gateway.record", login, ...target },
      { mayDial: async () => {}, timeoutMs: 2000, ca: null, ...ports },
    );
    opened.push(delivery);
    return delivery;
  };
  const whyNot = async (delivery: NatsDelivery): Promise<string | null> => {
    const result = await delivery.send([recordOf("never")]);
    return result.outcome === "taken" ? null : result.why;
  };

  it("takes nothing for taken that no stream keeps", async () => {
    assert.notEqual(await whyNot(open()), null);
  });

  it("is told to nobody else: a wrong login, no TLS where it is due, what must not be dialled", async () => {
    await server.makeStream("gateway.record");
    const wrong = { user: "gateway", password: { secret: true, value: "guessed" } } as const;
    const why = await whyNot(open({ login: wrong }));
    assert.ok(why !== null && !why.includes("guessed"), String(why));
    assert.notEqual(await whyNot(open({ login: null })), null);
    assert.notEqual(await whyNot(open({ secure: true })), null);
    const mayDial = async (): Promise<void> => {
      throw new Error("not there");
    };
    assert.notEqual(await whyNot(open({}, { mayDial })), null);
    assert.deepEqual(await server.messages(), []);
  });

  it("has each record once in its stream, also when a batch is sent again and the server was away", async () => {
    const delivery = open();
    assert.equal((await delivery.send([recordOf("a"), recordOf("b")])).outcome, "taken");
    await server.stop();
    assert.equal((await delivery.send([recordOf("b"), recordOf("c")])).outcome, "retry");
    await server.start();
    assert.equal((await delivery.send([recordOf("b"), recordOf("c")])).outcome, "taken");
    const expected = ["a", "b", "c"].map((id) => ({ text: `text of ${id}`, id }));
    assert.deepEqual(await server.messages(), expected);
  });

  it("keeps the record of a stream's end, though one of its beginning has the same id", async () => {
    assert.equal((await open().send([recordOf("s", "open"), recordOf("s"), recordOf("s", "open")])).outcome, "taken");
    const kept = (await server.messages()).filter(({ id }) => id?.startsWith("s") === true);
    assert.deepEqual(
      kept.map(({ id }) => id),
      ["s.open", "s"],
    );
  });

  it("speaks TLS with a server that it knows, and with no other", async () => {
    const [certificate, key] = selfSigned();
    const secured = await natsServer("gateway", password, { certificate, key });
    try {
      await secured.start();
      await secured.makeStream("gateway.record");
      const place = { host: "localhost", port: secured.port, secure: true };
      assert.notEqual(await whyNot(open(place)), null);
      assert.equal(await whyNot(open(place, { ca: certificate })), null);
      assert.equal((await secured.messages()).length, 1);
    } finally {
      await secured.cleanUp();
    }
  });
});
