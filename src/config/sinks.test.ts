import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { loadText } from "./fixture.test-helper.ts";

const problemsOf = async (sinks: string): Promise<readonly string[]> => {
  const { diagnostics } = await loadText(`version: 1\naudit: { sinks: { ${sinks} } }\n`);
  return diagnostics.map(({ code, message }) => `${code}: ${message}`);
};
const otlp = 'otlp: { endpoint: "http://127.0.0.1:1" }';

describe("sinks of the record in the definition", () => {
  it("say one place, with a name that is one on every disk", async () => {
    assert.deepEqual(await problemsOf(`a: { ${otlp} }`), []);
    assert.deepEqual(await problemsOf("a: {}"), ["value-invalid: the sink a says nowhere where records go"]);
    const two = `a: { ${otlp}, webhook: { url: "https://x.example", secret: { file: nothing } } }`;
    assert.ok((await problemsOf(two)).includes("value-invalid: the sink a says twice where records go"));
    const cases = await problemsOf(`a: { ${otlp} }, A: { ${otlp} }`);
    assert.deepEqual(cases, ["name-invalid: the sinks a and A differ in case only"]);
  });

  it("have filters that can be compiled, and prefixes that stay what they are", async () => {
    const [filter] = await problemsOf(`a: { ${otlp}, filter: 'status >' }`);
    assert.match(filter ?? "", /^value-invalid: this is no filter/);
    for (const prefix of ["../x/", "/x", "a//b", "a b", "x?y"]) {
      const problems = await problemsOf(`a: { s3: { bucket: "https://b.example", prefix: "${prefix}" } }`);
      assert.ok(
        problems.some((one) => one.includes("object's name")),
        prefix,
      );
    }
  });

  it("log in to NATS in one way, and speak clear text with this machine alone", async () => {
    const nats = (url: string, more = ""): string => `a: { nats: { url: "${url}", subject: gateway.record ${more} } }`;
    for (const url of ["nats://127.0.0.1", "tls://nats.example:4443", "nats://[::1]:4222"]) {
      assert.deepEqual(await problemsOf(nats(url)), [], url);
    }
    for (const url of ["nats://nats.example", "tls://u:p@nats.example", "http://x", "tls://x/?a", "tls://x?a=1"]) {
      assert.equal((await problemsOf(nats(url))).length, 1, url);
    }
    assert.match((await problemsOf(nats("tls://x", ", user: me")))[0] ?? "", /does not say how to log in/);
    assert.equal((await problemsOf('a: { nats: { url: "tls://x", subject: "a.>" } }')).length, 1);
  });

  it("log in to Kafka in one whole way, over TLS with names, and in clear text on this machine alone", async () => {
    const kafka = (more: string, brokers = "kafka.example:9093"): Promise<readonly string[]> =>
      problemsOf(`a: { kafka: { brokers: ["${brokers}"], topic: gateway-record ${more} } }`);
    assert.deepEqual(await kafka(""), []);
    for (const here of ["127.0.0.1:9092", "localhost:9092", "[::1]:9092"]) {
      assert.deepEqual(await kafka(", tls: false", here), [], here);
    }
    assert.match((await kafka(", tls: false"))[0] ?? "", /clear text/);
    assert.match((await kafka("", "10.0.0.7:9093"))[0] ?? "", /10\.0\.0\.7 is an address/);
    for (const broker of ["kafka.example", "kafka.example:0", "kafka.example:99999", "tls://x:1", "u:p@x:1", "[x]:1"]) {
      assert.ok((await kafka("", broker)).length > 0, broker);
    }
    const secret = "{ env: WORD }";
    for (const half of ["user: me", `mechanism: PLAIN, user: me`, `password: ${secret}`, "mechanism: PLAIN"]) {
      const problems = await kafka(`, ${half}`);
      assert.ok(problems.includes("value-invalid: the sink a does not say how to log in, or says it twice"), half);
    }
    assert.ok((await kafka(`, token: ${secret}, mechanism: PLAIN, user: me, password: ${secret}`)).length > 0);
    assert.match((await kafka(`, key: ${secret}`)).join("\n"), /only one of certificate and key/);
  });

  it("say all that a Kafka producer needs", async () => {
    const { definition } = await loadText(
      `version: 1
audit:
  sinks:
    a:
      kafka:
        brokers: ["kafka-1.example:9093", "kafka-2.example:9093"]
        topic: gateway-record
        mechanism: SCRAM-SHA-512
        user: gateway
        password: { env: WORD }
    b:
      kafka:
        brokers: ["kafka-1.example:9093"]
        topic: gateway-record
        partitionBy: id
        compression: gzip
        oauth: { tokenUrl: "https://login.example/token", clientId: gateway, clientSecret: { env: WORD }, scopes: [kafka] }
`,
      { variables: { WORD: "a word" } },
    );
    const [first, second] = (definition?.sinks ?? []).map(({ target }) => target);
    const brokers = [1, 2].map((n) => ({ host: `kafka-${n}.example`, port: 9093 }));
    const word = { secret: true, origin: "env WORD", value: "a word" };
    const common = { kind: "kafka", secure: true, topic: "gateway-record", certificate: null };
    assert.deepEqual(first, {
      ...common,
      brokers,
      partitionBy: "node",
      compression: "none",
      login: { mechanism: "SCRAM-SHA-512", user: "gateway", password: word },
    });
    assert.deepEqual(second, {
      ...common,
      brokers: brokers.slice(0, 1),
      partitionBy: "id",
      compression: "gzip",
      login: {
        mechanism: "OAUTHBEARER",
        tokenUrl: "https://login.example/token",
        clientId: "gateway",
        clientSecret: word,
        scopes: ["kafka"],
      },
    });
  });

  it("go nowhere in clear text, and have no credentials in their URLs", async () => {
    for (const endpoint of ["http://elsewhere.example", "https://u:p@x.example", "https://x.example/?key=1"]) {
      assert.equal((await problemsOf(`a: { otlp: { endpoint: "${endpoint}" } }`)).length, 1, endpoint);
    }
  });
});
