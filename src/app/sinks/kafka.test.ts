import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { after, before, describe, it } from "node:test";
import { createServer, type AddressInfo } from "node:net";
import type { SentRecord } from "#audit/sinks/delivery.ts";
import { KafkaDelivery, type KafkaPorts } from "#audit/sinks/kafka.ts";
import type { KafkaLogin, KafkaTarget } from "#model/sinks.ts";
import type { OwnAddress } from "#upstream/egress.ts";
import { type FrontOptions, type KafkaFront, kafkaFront } from "#test/support/kafka-front.ts";
import { type MockCluster, mockCluster } from "#test/support/kafka.ts";
import { needsCommand } from "#test/support/require.ts";
import { scramServer } from "#test/support/scram.ts";
import { brokerAddresses } from "./broker-addresses.ts";

const recordOf = (id: string): SentRecord =>
  ({ record: { id }, text: `{"id":"${id}"}`, end: { segment: 1, offset: 1 } }) as unknown as SentRecord;
const recordsOf = (...ids: readonly string[]): readonly SentRecord[] => ids.map(recordOf);
const word = { secret: true, value: "a word for the test" } as const;

function certificateOf(name: string): { readonly cert: string; readonly key: string } {
  const args = `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1 -subj /CN=${name} -keyout - -out -`;
  const text = execFileSync("openssl", [...args.split(" "), "-addext", `subjectAltName=DNS:${name}`], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  const [key = "", cert = ""] = text.split(/(?=-----BEGIN CERTIFICATE)/);
  return { cert, key };
}

describe("a sink in Kafka", needsCommand("kcat"), () => {
  let cluster: MockCluster;
  let single: MockCluster;
  const closing: (() => Promise<void>)[] = [];

  before(async () => {
    [cluster, single] = await Promise.all([mockCluster(3), mockCluster(1)]);
  });
  after(async () => {
    await Promise.all(closing.map((close) => close()));
    await Promise.all([cluster?.stop(), single?.stop()]);
  });

  interface Given {
    readonly brokers: readonly string[];
    readonly own?: readonly OwnAddress[];
    readonly ports?: Partial<KafkaPorts>;
  }
  const open = (target: Partial<KafkaTarget>, { brokers, own = [], ports = {} }: Given): KafkaDelivery => {
    const places = brokers.map((one) => ({ host: one.split(":")[0] ?? "", port: Number(one.split(":")[1]) }));
    const { secure = false } = target;
    const delivery = new KafkaDelivery(
      {
        kind: "kafka",
        brokers: places,
        topic: "record",
        partitionBy: "node",
        compression: "none",
        login: null,
        certificate: null,
        ...target,
        secure,
      },
      {
        addressesOf: brokerAddresses(own, !secure),
        token: () => "",
        node: "gateway-1",
        timeoutMs: 1500,
        ca: null,
        ...ports,
      },
    );
    closing.push(() => delivery.close());
    return delivery;
  };
  const front = async (options: Omit<FrontOptions, "behind">): Promise<KafkaFront> => {
    const made = await kafkaFront({ behind: single.brokers[0] ?? "", ...options });
    closing.push(made.stop);
    return made;
  };
  const whyNot = async (delivery: KafkaDelivery, id = "never"): Promise<string | null> => {
    const result = await delivery.send(recordsOf(id));
    return result.outcome === "taken" ? null : result.why;
  };

  it("keeps a node's records in one partition and in order, each with its id", async () => {
    const delivery = open({ topic: "by-node" }, cluster);
    assert.equal((await delivery.send(recordsOf("a", "b"))).outcome, "taken");
    assert.equal((await delivery.send(recordsOf("c"))).outcome, "taken");
    const messages = await cluster.messages("by-node");
    assert.equal(new Set(messages.map(({ partition }) => partition)).size, 1);
    const expected = ["a", "b", "c"].map((id) => ({ key: "gateway-1", id, text: `{"id":"${id}"}` }));
    assert.deepEqual(
      messages.map(({ key, id, text }) => ({ key, id, text })),
      expected,
    );
  });

  it("spreads records by their ids over brokers, packed where that is asked for", async () => {
    const ids = Array.from({ length: 40 }, (_, at) => `record-${at}`);
    const delivery = open({ topic: "by-id", partitionBy: "id", compression: "gzip" }, cluster);
    assert.equal((await delivery.send(recordsOf(...ids))).outcome, "taken");
    const messages = await cluster.messages("by-id");
    assert.deepEqual(messages.map(({ id }) => id).toSorted(), ids.toSorted());
    assert.ok(messages.every(({ id, key }) => key === id));
    assert.ok(new Set(messages.map(({ partition }) => partition)).size > 1);
  });

  it("loses nothing while its broker is away", async () => {
    const broker = await front({});
    const delivery = open({ topic: "away" }, { brokers: [`127.0.0.1:${broker.port}`] });
    assert.equal((await delivery.send(recordsOf("a"))).outcome, "taken");
    await broker.stop();
    assert.deepEqual(await delivery.send(recordsOf("b")), { outcome: "retry", why: "ECONNREFUSED" });
    await broker.start();
    assert.equal((await delivery.send(recordsOf("b", "c"))).outcome, "taken");
    const messages = await single.messages("away");
    assert.deepEqual(
      messages.map(({ id }) => id),
      ["a", "b", "c"],
    );
  });

  it("gives up one that says nothing in time", async () => {
    const silent = createServer((socket) => socket.on("error", () => undefined)).listen(0, "127.0.0.1");
    closing.push(async () => void silent.close());
    await new Promise((resolve) => silent.once("listening", resolve));
    const { port } = silent.address() as AddressInfo;
    const started = Date.now();
    const delivery = open({}, { brokers: [`127.0.0.1:${port}`], ports: { timeoutMs: 400 } });
    assert.notEqual(await whyNot(delivery), null);
    assert.ok(Date.now() - started < 3000);
  });

  it("does not follow an answer of the cluster to a metadata service, nor to the gateway's own listeners", async () => {
    let connections = 0;
    const own = createServer((socket) => {
      connections += 1;
      socket.destroy();
    }).listen(0, "127.0.0.1");
    closing.push(async () => void own.close());
    await new Promise((resolve) => own.once("listening", resolve));
    const { port } = own.address() as AddressInfo;
    for (const named of [
      { host: "127.0.0.1", port },
      { host: "169.254.169.254", port: 80 },
    ]) {
      const broker = await front({ named });
      const given = { brokers: [`127.0.0.1:${broker.port}`], own: [{ host: "127.0.0.1", port }] };
      assert.equal(await whyNot(open({}, given)), "egress-refused", named.host);
      assert.ok(broker.connections() > 0);
    }
    assert.equal(connections, 0);
    assert.ok(!(await single.messages("record")).some(({ id }) => id === "never"));
  });

  it("shows what it may of itself: by password, by proof, by token", async () => {
    const token = (said: Buffer): Buffer | null =>
      said.toString() === "n,,\u0001auth=Bearer a token\u0001\u0001" ? Buffer.alloc(0) : null;
    const plain = (said: Buffer): Buffer | null =>
      said.toString() === `\0gateway\0${word.value}` ? Buffer.alloc(0) : null;
    const broker = await front({
      login: (mechanism) => {
        if (mechanism === "PLAIN") return plain;
        if (mechanism === "OAUTHBEARER") return token;
        return scramServer(mechanism === "SCRAM-SHA-256" ? "sha256" : "sha512", "gateway", word.value);
      },
    });
    const given = { brokers: [`127.0.0.1:${broker.port}`], ports: { token: async () => "a token" } };
    const oauth = { tokenUrl: "https://x.example", clientId: "x", clientSecret: word, scopes: [] };
    const good: readonly KafkaLogin[] = [
      { mechanism: "PLAIN", user: "gateway", password: word },
      { mechanism: "SCRAM-SHA-256", user: "gateway", password: word },
      { mechanism: "SCRAM-SHA-512", user: "gateway", password: word },
      { mechanism: "OAUTHBEARER", token: { secret: true, value: "a token" } },
      { mechanism: "OAUTHBEARER", ...oauth },
    ];
    for (const login of good) {
      assert.equal(await whyNot(open({ login, topic: "logged-in" }, given), "in"), null, login.mechanism);
    }
    assert.equal((await single.messages("logged-in")).length, good.length);
    const wrong = { secret: true, value: "guessed" } as const;
    for (const mechanism of ["PLAIN", "SCRAM-SHA-256"] as const) {
      const why = await whyNot(open({ login: { mechanism, user: "gateway", password: wrong } }, given));
      assert.equal(why, "SASL_AUTHENTICATION_FAILED");
    }
    assert.notEqual(await whyNot(open({ login: { mechanism: "OAUTHBEARER", token: wrong } }, given)), null);
    assert.notEqual(await whyNot(open({ login: null }, given)), null);
  });

  it("speaks TLS with a broker that it knows, and shows its certificate", async () => {
    const [server, mine, stranger] = ["localhost", "gateway", "stranger"].map(certificateOf);
    const tls = { ...server, ca: mine?.cert, requestCert: true, rejectUnauthorized: true };
    const broker = await front({ tls });
    const given = (ca: string | null): Given => ({
      brokers: [`localhost:${broker.port}`],
      ports: { ca, timeoutMs: 700 },
    });
    const shown = (of: typeof mine): KafkaTarget["certificate"] =>
      of === undefined ? null : { chainPem: of.cert, key: { secret: true, value: of.key } };
    const target = { secure: true, topic: "secured" };
    const ca = server?.cert ?? null;
    assert.equal(await whyNot(open({ ...target, certificate: shown(mine) }, given(ca)), "a"), null);
    assert.notEqual(await whyNot(open({ ...target, certificate: shown(mine) }, given(null))), null);
    assert.notEqual(await whyNot(open({ ...target, certificate: shown(stranger) }, given(ca))), null);
    assert.notEqual(await whyNot(open(target, given(ca))), null);
    const messages = await single.messages("secured");
    assert.deepEqual(
      messages.map(({ id }) => id),
      ["a"],
    );
  });
});
