import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ConnectionCredential } from "#model/connection.ts";
import { anonymous } from "#model/principal.ts";
import { loadText } from "#config/fixture.test-helper.ts";
import { exchangeFor, policy, portsWith, start, verifierOf } from "#policy/policy.test-helper.ts";

const principal = (id: string) => ({ principal: { ...anonymous, kind: "user" as const, id } });
const ports = portsWith({
  tokens: verifierOf({ adas: principal("i|t|ada"), bobs: principal("i|t|bob"), others: principal("j|t|ada") }),
  connectionUsers: [{ provider: "github", name: "team", users: ["i|t|ada"] }],
});

async function tokenFor(args: Parameters<typeof policy>[1]): Promise<string | null> {
  const exchange = exchangeFor();
  const all = { providerId: "github", authorizationId: "team", contextVariable: "it", identityType: "jwt", ...args };
  const outcome = await start([policy("get-authorization-context", all)], exchange, { ports });
  if (outcome !== undefined) return outcome.kind === "refusal" ? outcome.reason : outcome.kind;
  const value = exchange.variables?.get("it");
  return value instanceof ConnectionCredential ? value.accessToken : (value as null);
}

describe("get-authorization-context", () => {
  it("asks for this gateway itself, whoever may use the connection", async () => {
    assert.equal(await tokenFor({ identityType: "managed", authorizationId: "other" }), "connection-token");
  });

  it("asks in the name of a token's principal, who is one of the connection's users", async () => {
    assert.equal(await tokenFor({ identity: "adas" }), "connection-token");
    assert.equal(await tokenFor({ identity: "Bearer adas" }), "connection-token");
  });

  it("refuses every other, and tokens that are not valid", async () => {
    for (const identity of ["bobs", "others", "forged", ""]) {
      assert.equal(await tokenFor({ identity }), "connection-failed", identity);
      assert.equal(await tokenFor({ identity, ignoreError: true }), null, identity);
    }
    assert.equal(await tokenFor({ identity: "adas", authorizationId: "other" }), "connection-failed");
    assert.equal(
      await tokenFor({ identityType: "somebody", identity: "adas", ignoreError: true }),
      "expression-failed",
    );
  });

  it("needs the token where it is for somebody, and ids that name their issuer", async () => {
    const problems = async (args: string, users: string): Promise<string> => {
      const text = `version: 1
connections: { github: { team: { tokenUrl: "https://l.example/t", clientId: a, clientSecret: { env: S }, users: [${users}] } } }
apis:
  a:
    path: /a
    backend: b
    access: public
    policies: { inbound: [{ get-authorization-context: { providerId: github, authorizationId: team, contextVariable: v, ${args} } }] }
backends: { b: { url: "http://127.0.0.1:1" } }
`;
      const { diagnostics } = await loadText(text, { variables: { S: "a-long-enough-secret" } });
      return diagnostics.map(({ message }) => message).join("; ");
    };
    assert.equal(await problems("identityType: jwt, identity: x", "'https://l.example/|t|ada'"), "");
    assert.match(await problems("identityType: jwt", ""), /identity: is missing/);
    assert.match(await problems("identityType: managed", "ada"), /ada is not the id of a principal/);
  });
});
