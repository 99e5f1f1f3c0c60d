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

  it("go nowhere in clear text, and have no credentials in their URLs", async () => {
    for (const endpoint of ["http://elsewhere.example", "https://u:p@x.example", "https://x.example/?key=1"]) {
      assert.equal((await problemsOf(`a: { otlp: { endpoint: "${endpoint}" } }`)).length, 1, endpoint);
    }
  });
});
