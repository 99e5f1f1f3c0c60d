import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { FabricCluster } from "#model/fabric-cluster.ts";
import { isFabricService } from "#model/fabric-cluster.ts";
import { refuse } from "#model/decision.ts";
import { ResponseDraft } from "#model/exchange.ts";
import type { PolicyNode } from "#model/policy-tree.ts";
import { HeaderList } from "#model/header-list.ts";
import type { Clock } from "#model/ports.ts";
import { AnsweringEgress } from "#policy/answering-egress.test-helper.ts";
import { cel, exchangeFor, policy, portsWith, start } from "#policy/policy.test-helper.ts";

type Listeners = Readonly<Record<string, string>>;

const endpoint = (kind: string, listeners: Listeners | string): object => ({
  Kind: kind,
  Address: typeof listeners === "string" ? listeners : JSON.stringify({ Endpoints: listeners }),
});

function partition(version: string, ...endpoints: readonly object[]): string {
  return JSON.stringify({ Name: "fabric:/shop/orders", Endpoints: endpoints, Version: version });
}

type Answered = ReturnType<typeof refuse> | undefined;

interface Answer {
  readonly status?: number;
  readonly text?: string;
}

class Scene {
  readonly answers: Answer[] = [];
  now = 0;
  readonly clock: Clock = { now: () => 0, mono: () => this.now };
  readonly egress: AnsweringEgress = new AnsweringEgress(() => {
    const { status = 200, text = "" } =
      this.answers.length > 1 ? (this.answers.shift() as Answer) : (this.answers[0] ?? {});
    return { status, statusText: "", headers: new HeaderList([]), body: Buffer.from(text) };
  });
  readonly cluster: FabricCluster;

  constructor(answers: readonly Answer[], more: Partial<FabricCluster> = {}) {
    this.answers.push(...answers);
    const endpoints = ["https://one.example:19080", "https://two.example:19080"];
    this.cluster = {
      name: "shop",
      endpoints,
      service: "fabric:/shop/orders",
      certificate: null,
      ca: null,
      retries: 2,
      ...more,
    };
  }

  /** @returns the base URL, or the reason why there is none */
  async ask(args: Parameters<typeof policy>[1] = {}): Promise<string | null> {
    const exchange = exchangeFor(["X-Key", "7"]);
    const { clock, egress, cluster } = this;
    const ports = portsWith({ clock, egress, fabricClusters: [cluster], random: () => 0.6 });
    const outcome = await start([policy("set-backend-service", { backendId: "shop", ...args })], exchange, { ports });
    if (outcome?.kind === "refusal") return outcome.reason;
    const { backend, baseUrlComputed, backendScope, baseUrl } = exchange.request;
    assert.deepEqual([backend, baseUrlComputed, backendScope], [-1, false, "api"]);
    return baseUrl;
  }

  /** Where each attempt went, and what became of the last; `attempts` says what each one finds, the last of them for ever. */
  async send(
    args: Parameters<typeof policy>[1],
    attempts: readonly (Answered | number)[],
    ...later: readonly PolicyNode[]
  ): Promise<readonly string[]> {
    const exchange = exchangeFor();
    const sent: string[] = [];
    const { clock, egress, cluster } = this;
    const forward = async (): Promise<Answered> => {
      const found = attempts[Math.min(sent.length, attempts.length - 1)];
      sent.push(String(exchange.request.baseUrl));
      const status = typeof found === "number" ? found : 200;
      exchange.response =
        typeof found === "object" ? null : new ResponseDraft(status, "", new HeaderList([]), null, "upstream");
      return typeof found === "number" ? undefined : found;
    };
    const ports = portsWith({ clock, egress, fabricClusters: [cluster], random: () => 0.6, forward });
    const choice = policy("set-backend-service", { backendId: "shop", ...args });
    await start([choice, ...later], exchange, { ports });
    const outcome = await start([policy("forward-request")], exchange, { ports, section: "backend" });
    return [...sent, outcome?.kind === "refusal" ? outcome.reason : "sent"];
  }

  get asked(): readonly string[] {
    return this.egress.asked.map(({ url }) => url);
  }
}

const stateless = partition(
  "v1",
  endpoint("Stateless", { "": "http://10.0.0.1:80/" }),
  endpoint("Stateless", { "": "http://10.0.0.2:80/x" }),
);
const stateful = partition(
  "v1",
  endpoint("StatefulPrimary", { api: "http://10.0.0.1:80/p", other: "http://10.0.0.1:81" }),
  endpoint("StatefulSecondary", { api: "http://10.0.0.2:80/s", other: "http://10.0.0.2:81" }),
);

describe("a service of Service Fabric", () => {
  it("is one of its instances, and what is known of them is believed for a while", async () => {
    const scene = new Scene([{ text: stateless }]);
    assert.deepEqual([await scene.ask(), await scene.ask()], ["http://10.0.0.2:80/x", "http://10.0.0.2:80/x"]);
    const query = "api-version=6.0&timeout=3&PartitionKeyType=1";
    const path = "https://one.example:19080/Services/shop~orders/$/ResolvePartition";
    assert.deepEqual(scene.asked, [`${path}?${query}`]);
    scene.now = 30_001;
    await scene.ask();
    assert.deepEqual(scene.asked.slice(1), [`${path}?${query}&PreviousRspVersion=v1`]);
  });

  const moved = partition("v2", endpoint("Stateless", "http://10.0.0.9:80"));
  const down: Answered = refuse("upstream-connect-failed");

  it("is looked up anew, and sent to again, where the condition says so of the attempt", async () => {
    const scene = new Scene([{ text: stateless }, { text: moved }]);
    const condition = cel('lastError != null && lastError.reason == "upstream-connect-failed"');
    const sent = await scene.send({ sfResolveCondition: condition }, [down, undefined]);
    assert.deepEqual(sent, ["http://10.0.0.2:80/x", "http://10.0.0.9:80", "sent"]);
    assert.match(scene.asked[1] ?? "", /PreviousRspVersion=v1$/);
    assert.equal(await scene.ask(), "http://10.0.0.9:80");
    const byStatus = cel("response != null && response.status == 503");
    const other = new Scene([{ text: stateless }, { text: moved }]);
    assert.deepEqual(await other.send({ sfResolveCondition: byStatus }, [503, undefined]), sent);
  });

  it("is sent to once where the condition does not hold, cannot be told, or nobody else is there", async () => {
    const once = ["http://10.0.0.2:80/x", "upstream-connect-failed"];
    for (const condition of [cel("false"), cel("response.status == 503"), undefined]) {
      const scene = new Scene([{ text: stateless }, { text: moved }]);
      const args = condition === undefined ? {} : { sfResolveCondition: condition };
      assert.deepEqual(await scene.send(args, [down, undefined]), once);
      assert.equal(scene.asked.length, 1);
    }
    const same = partition("v1", endpoint("Stateless", "http://10.0.0.2:80/x"));
    for (const answer of [{ text: same }, { status: 503 }]) {
      const scene = new Scene([{ text: same }, answer]);
      assert.deepEqual(await scene.send({ sfResolveCondition: "true" }, [down, undefined]), once);
    }
  });

  it("is sent to again so many times, and not where another destination was chosen since", async () => {
    const scene = new Scene([{ text: stateless }]);
    const sent = await scene.send({ sfResolveCondition: "true" }, [down]);
    assert.equal(sent.filter((url) => url.startsWith("http")).length, 3);
    const other = new Scene([{ text: stateless }]);
    const later = policy("set-backend-service", { backendId: "orders" });
    assert.deepEqual(await other.send({ sfResolveCondition: "true" }, [down], later), [
      "null",
      "upstream-connect-failed",
    ]);
  });

  it("is asked for once by all who want it at a time", async () => {
    const scene = new Scene([{ text: stateless }]);
    await Promise.all(Array.from({ length: 5 }, () => scene.ask()));
    assert.equal(scene.asked.length, 1);
  });

  it("may be another one, with a partition, a listener and a kind of replica", async () => {
    const scene = new Scene([{ text: stateful }]);
    const args = { sfServiceInstanceName: "fabric:/a/b/c", sfListenerName: "api" };
    assert.equal(await scene.ask({ ...args, sfPartitionKey: cel('request.headers["x-key"]') }), "http://10.0.0.1:80/p");
    assert.equal(await scene.ask({ ...args, sfPartitionKey: "east&1" }), "http://10.0.0.1:80/p");
    assert.match(scene.asked[0] ?? "", /\/Services\/a~b~c\/.*PartitionKeyType=2&PartitionKeyValue=7$/);
    assert.match(scene.asked[1] ?? "", /PartitionKeyType=3&PartitionKeyValue=east%261$/);
    assert.equal(await scene.ask({ ...args, sfReplicaType: "Secondary" }), "http://10.0.0.2:80/s");
    assert.equal(await scene.ask({ ...args, sfReplicaType: "any" }), "expression-failed");
    // Without a name, one of several listeners cannot be told.
    assert.equal(await scene.ask({ sfServiceInstanceName: "fabric:/a/b/c" }), "upstream-connect-failed");
    assert.equal(await scene.ask({ ...args, sfListenerName: "none" }), "upstream-connect-failed");
  });

  it("must be one of an application", async () => {
    const scene = new Scene([{ text: stateless }], { service: null });
    assert.equal(await scene.ask(), "expression-failed");
    for (const name of [
      "orders",
      "fabric:/System/NamingService",
      "fabric:/a/../b",
      "fabric:/a/b?x",
      "fabric:/a",
      "https://a/b",
    ]) {
      assert.equal(await scene.ask({ sfServiceInstanceName: name }), "expression-failed", name);
      assert.ok(!isFabricService(name));
    }
    assert.deepEqual(scene.asked, []);
  });

  it("is asked for at the next endpoint where one gives no answer, and not for ever", async () => {
    const scene = new Scene([{ status: 503 }, { text: "no JSON" }, { text: stateless }]);
    assert.equal(await scene.ask(), "http://10.0.0.2:80/x");
    assert.deepEqual(
      scene.asked.map((url) => new URL(url).host),
      ["one.example:19080", "two.example:19080", "one.example:19080"],
    );
    const silent = new Scene([{ status: 503 }]);
    assert.equal(await silent.ask(), "upstream-connect-failed");
    assert.equal(silent.asked.length, 3);
    const absent = new Scene([{ status: 404 }]);
    assert.equal(await absent.ask(), "upstream-connect-failed");
    assert.equal(absent.asked.length, 1);
  });

  for (const address of ["tcp://10.0.0.1:1", "http://u@10.0.0.1", "http://10.0.0.1/?x", "net.tcp", "{"]) {
    it(`does not listen at ${address}`, async () => {
      const scene = new Scene([{ text: partition("v1", endpoint("Stateless", address)) }]);
      assert.equal(await scene.ask(), "upstream-connect-failed");
    });
  }
});
