import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { GatewayError } from "#model/errors.ts";
import type { ManagedIdentity } from "#model/managed-identity.ts";
import { cel, exchangeFor, policy, portsWith, run, start } from "#policy/policy.test-helper.ts";

describe("authentication-basic", () => {
  it("takes the place of what the client sent, and leaves what it sent as a fact", () => {
    const exchange = exchangeFor(["authorization", "Bearer client"]);
    run(policy("authentication-basic", { username: "me", password: cel('"p" + "w"') }), exchange);
    assert.deepEqual(exchange.request.headers.all("authorization"), [
      `Basic ${Buffer.from("me:pw").toString("base64")}`,
    ]);
    assert.equal(exchange.facts.headers.get("authorization"), "Bearer client");
  });

  it("refuses a user whose name would end elsewhere", () => {
    const outcome = run(policy("authentication-basic", { username: cel('"a:b"'), password: "c" }), exchangeFor());
    assert.equal(outcome?.kind === "refusal" && outcome.reason, "expression-failed");
  });
});

describe("authentication-managed-identity", () => {
  const asking = (args: Parameters<typeof policy>[1]): ReturnType<typeof policy> =>
    policy("authentication-managed-identity", { resource: "https://r", ignoreError: false, ...args });
  const failing: ManagedIdentity = {
    token: () => Promise.reject(new GatewayError("managed-identity-failed", 500, "no")),
  };

  it("sends the token, without a promise while there is one", () => {
    const asked: string[][] = [];
    const managedIdentity: ManagedIdentity = { token: (...of) => (asked.push(of), "abc") };
    const exchange = exchangeFor(["Authorization", "Bearer client"]);
    const node = asking({ resource: cel('"https://" + request.host'), clientId: "id-1" });
    assert.equal(run(node, exchange, { ports: portsWith({ managedIdentity }) }), undefined);
    assert.deepEqual(exchange.request.headers.all("authorization"), ["Bearer abc"]);
    assert.deepEqual(asked, [["https://api.example.com", "id-1"]]);
  });

  it("waits for it where it must, and puts it into a variable instead where asked to", async () => {
    const ports = portsWith({ managedIdentity: { token: async () => "later" } });
    const exchange = exchangeFor(["Authorization", "Bearer client"]);
    assert.equal(await start([asking({ outputVariable: "token" })], exchange, { ports }), undefined);
    assert.deepEqual(
      [exchange.variables?.get("token"), exchange.request.headers.get("authorization")],
      ["later", "Bearer client"],
    );
  });

  it("fails the request, unless that is to be ignored", async () => {
    const ports = portsWith({ managedIdentity: failing });
    const outcome = await start([asking({})], exchangeFor(), { ports });
    assert.equal(outcome?.kind === "refusal" && outcome.reason, "managed-identity-failed");
    assert.equal(await start([asking({ ignoreError: true })], exchangeFor(), { ports }), undefined);
  });
});
