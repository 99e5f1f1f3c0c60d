import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseVaultSecret } from "#model/key-vault.ts";
import { loadText } from "./fixture.test-helper.ts";

describe("the identifier of a secret", () => {
  it("names a vault of Azure, and no other host is ever shown a token", () => {
    assert.deepEqual(parseVaultSecret("https://My-Vault.vault.azure.net/secrets/Key"), {
      origin: "https://my-vault.vault.azure.net",
      path: "/secrets/Key",
      resource: "https://vault.azure.net",
    });
    const versioned = `https://v-1.vault.azure.cn/secrets/k/${"0a".repeat(16)}`;
    assert.equal(parseVaultSecret(versioned)?.path, `/secrets/k/${"0a".repeat(16)}`);
    for (const none of [
      "http://my-vault.vault.azure.net/secrets/k",
      "https://my-vault.vault.azure.net.evil.example/secrets/k",
      "https://evil.example/secrets/k?x=.vault.azure.net",
      "https://a@my-vault.vault.azure.net/secrets/k",
      "https://my-vault.vault.azure.net:8443/secrets/k",
      "https://my-vault.vault.azure.net/keys/k",
      "https://my-vault.vault.azure.net/secrets/../keys",
      "https://my-vault.vault.azure.net/secrets/k?x=1",
    ]) {
      assert.equal(parseVaultSecret(none), undefined, none);
    }
  });
});

describe("a value of a vault", () => {
  const load = (value: string) =>
    loadText(`version: 1
apis: { a: { path: /a, respond: { status: 200 }, access: public, policies: { outbound: [{ set-header: { name: X, values: ["{{v}}"] } }] } } }
environments: { e: { values: { v: ${value} } } }
`);

  it("comes from one place, that it names well", async () => {
    for (const [value, expected] of [
      ['{ keyVault: { secretIdentifier: "https://x.example/secrets/a" } }', /no secret of a vault/],
      ['{ env: A, keyVault: { secretIdentifier: "https://vault.vault.azure.net/secrets/a" } }', /one place/],
      ["{ keyVault: {} }", /lacks secretIdentifier/],
      ['{ keyVault: { secretIdentifier: "https://vault.vault.azure.net/secrets/a" } }', /vaults are not asked here/],
    ] as const) {
      const { definition, diagnostics } = await load(value);
      assert.equal(definition, null);
      assert.match(String(diagnostics.map(({ message }) => message)), expected);
    }
  });
});
