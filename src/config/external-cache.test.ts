import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { loadText } from "./fixture.test-helper.ts";

const lookUp = "{ cache-lookup-value: { key: k, variable: v, cachingType: external } }";

async function read(cache: string): Promise<{ found: unknown; problems: string }> {
  const text = `version: 1
cache: ${cache}
apis: { a: { path: /a, backend: b, access: public, policies: { inbound: [${lookUp}] } } }
backends: { b: { url: "http://127.0.0.1:1" } }
`;
  const { definition, diagnostics } = await loadText(text, { files: { password: "let me in\n" } });
  const problems = diagnostics.map(({ code, message }) => `${code}: ${message}`);
  return { found: definition?.cache.external, problems: problems.join("\n") };
}

describe("an external cache", () => {
  it("is a server with a password from elsewhere", async () => {
    const { found, problems } = await read(
      "{ external: { url: 'rediss://Cache.example:6380/2', username: me, password: { file: password } } }",
    );
    assert.equal(problems, "");
    assert.deepEqual(found, {
      host: "cache.example",
      port: 6380,
      database: 2,
      tls: true,
      ca: null,
      username: "me",
      password: { secret: true, origin: "file password", value: "let me in" },
      prefix: "sallyport:",
      timeoutMs: 500,
    });
  });

  it("may be on this machine without TLS", async () => {
    const { found, problems } = await read("{ external: { url: 'redis://[::1]' } }");
    assert.equal(problems, "");
    const { host, port, database, tls } = found as Record<string, unknown>;
    assert.deepEqual([host, port, database, tls], ["::1", 6379, 0, false]);
  });

  for (const [cache, problem] of [
    ["{}", /^policy-caution: cache-lookup-value: there is no external cache/],
    ["{ external: {} }", /url/],
    ["{ external: { url: 'redis://cache.example' } }", /^cache-plain: /],
    ["{ external: { url: 'http://cache.example' } }", /no.* redis or rediss URL/],
    ["{ external: { url: 'rediss://me:hunter2@cache.example' } }", /credentials/],
    ["{ external: { url: 'rediss://cache.example/a' } }", /database/],
    ["{ external: { url: 'rediss://cache.example', password: hunter2 } }", /^secret-plain/],
    ["{ external: { url: 'rediss://cache.example', username: me } }", /^key-missing/],
    ["{ external: { url: 'rediss://cache.example', prefix: 'a b' } }", /prefix/],
    ["{ external: { url: 'redis://localhost', ca: ca.pem } }", /setting-unused: .*ca has no effect|file-unreadable/],
  ] as const) {
    it(`has something said about ${cache}`, async () => {
      const { problems } = await read(cache);
      assert.match(problems, problem);
      assert.doesNotMatch(problems, /hunter2/);
    });
  }
});
