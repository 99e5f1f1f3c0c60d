import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { loadText } from "./fixture.test-helper.ts";

function read(cli: string, issuer = "https://l.example/") {
  return loadText(`version: 1
identity:
  providers: { corp: { issuer: "${issuer}", audiences: [a], tenants: [t] } }
  cli: { ${cli} }
`);
}

describe("what a command line is told", () => {
  it("is the provider's issuer, and the client there", async () => {
    const { definition, diagnostics } = await read("provider: corp, clientId: cli, resource: r");
    assert.deepEqual(diagnostics, []);
    assert.deepEqual(definition?.cliLogin, {
      issuer: "https://l.example/",
      clientId: "cli",
      scopes: ["openid", "offline_access"],
      resource: "r",
      audience: null,
      prompt: null,
    });
  });

  it("is the issuer of the only tenant, or that of many without their names", async () => {
    const tenants = ["11111111-2222-3333-4444-555555555555", "66666666-7777-8888-9999-000000000000"];
    for (const [listed, place] of [
      [tenants.slice(0, 1), tenants[0]],
      [tenants, "{tenantid}"],
    ] as const) {
      const { definition, diagnostics } = await loadText(`version: 1
identity:
  providers: { corp: { preset: entra-id-v2, audiences: [a], tenants: ${JSON.stringify(listed)} } }
  cli: { provider: corp, clientId: cli }
`);
      assert.deepEqual(diagnostics, []);
      assert.equal(definition?.cliLogin?.issuer, `https://login.microsoftonline.com/${place}/v2.0`);
    }
  });

  it("names a provider that is there", async () => {
    for (const [cli, issuer, expected] of [
      ["provider: crop, clientId: cli", "https://l.example/", /there is no provider crop/],
      ["provider: corp", "https://l.example/", /cli lacks clientId/],
    ] as const) {
      const { definition, diagnostics } = await read(cli, issuer);
      assert.match(JSON.stringify(diagnostics), expected);
      assert.equal(definition, null);
    }
  });
});
