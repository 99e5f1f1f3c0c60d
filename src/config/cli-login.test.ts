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

  it("names a provider that is there, with one address", async () => {
    for (const [cli, issuer, expected] of [
      ["provider: crop, clientId: cli", "https://l.example/", /there is no provider crop/],
      ["provider: corp", "https://l.example/", /cli lacks clientId/],
      ["provider: corp, clientId: cli", "https://l.example/{tenantid}/v2.0", /serves many tenants/],
    ] as const) {
      const { definition, diagnostics } = await read(cli, issuer);
      assert.match(JSON.stringify(diagnostics), expected);
      assert.equal(definition, null);
    }
  });
});
