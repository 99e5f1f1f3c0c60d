import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { describe, it } from "node:test";
import { hashDefinition } from "#compile/canonical.ts";
import { loadText } from "./fixture.test-helper.ts";

const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
const pem = (key: typeof privateKey): string =>
  key.export({ type: key.type === "private" ? "pkcs8" : "spki", format: "pem" }) as string;

function read(client: string, variables: Readonly<Record<string, string>> = {}) {
  return loadText(
    `version: 1
connections: { c: { n: { tokenUrl: "https://l.example/t", clientId: a, ${client} } } }
`,
    { variables: { KEY: pem(privateKey), ...variables } },
  );
}

describe("a connection that exchanges callers' tokens", () => {
  it("has none of its own for a policy", async () => {
    const { definition, diagnostics } = await loadText(
      `version: 1
connections: { c: { n: { tokenUrl: "https://l.example/t", clientId: a, clientKey: { env: KEY }, grant: token-exchange } } }
apis: { a: { path: /a, backend: b, access: public, policies: { inbound: [{ get-authorization-context: { providerId: c, authorizationId: n, contextVariable: v } }] } } }
backends: { b: { url: "http://127.0.0.1:1" } }
`,
      { variables: { KEY: pem(privateKey) } },
    );
    assert.match(JSON.stringify(diagnostics), /c\/n exchanges callers' tokens, and has none of its own/);
    assert.equal(definition, null);
  });
});

describe("the client of a connection", () => {
  it("proves itself by a key that is kept out of the hash", async () => {
    const { definition, diagnostics } = await read(
      "clientKey: { env: KEY }, clientKeyId: k1, grant: token-exchange, actor: client",
    );
    assert.deepEqual(diagnostics, []);
    const [connection] = definition?.connections ?? [];
    assert.deepEqual(
      [connection?.client.kind, connection?.grant, connection?.actor],
      ["assertion", "token-exchange", "client"],
    );
    const other = pem(generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey);
    const again = await read("clientKey: { env: KEY }, clientKeyId: k1, grant: token-exchange, actor: client", {
      KEY: other,
    });
    assert.equal(
      hashDefinition(again.definition as NonNullable<typeof definition>),
      hashDefinition(definition as NonNullable<typeof definition>),
    );
  });

  it("proves itself by exactly one thing, which can sign", async () => {
    for (const [client, expected] of [
      ["scopes: [a]", /proves itself by one thing/],
      ["clientKey: { env: KEY }, clientSecret: { env: KEY }", /proves itself by one thing/],
      ["clientKey: { env: PUBLIC }", /no key that a client can sign with/],
      ["clientCertificate: gone", /there is no certificate gone/],
    ] as const) {
      const { definition, diagnostics } = await read(client, { PUBLIC: pem(publicKey) });
      assert.match(JSON.stringify(diagnostics), expected);
      assert.equal(definition, null);
    }
  });
});
