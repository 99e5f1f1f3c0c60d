import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { GatewayError } from "#model/errors.ts";
import type { ManagedIdentity } from "#model/managed-identity.ts";
import { policyFromXml, problemsOfXml } from "#policy/policy-xml.test-helper.ts";
import { cel, exchangeFor, policy, portsWith, run, start } from "#policy/policy.test-helper.ts";

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

  it("asks for the system's own identity and fails on errors where XML says nothing else", async () => {
    const asked: string[][] = [];
    const ports = portsWith({
      managedIdentity: {
        token: async (...of) => (
          asked.push(of),
          Promise.reject(new GatewayError("managed-identity-failed", 500, "no"))
        ),
      },
    });
    const node = policyFromXml("inbound", '<authentication-managed-identity resource="https://r" />');
    const outcome = await start([node], exchangeFor(), { ports });
    assert.equal(outcome?.kind === "refusal" && outcome.reason, "managed-identity-failed");
    assert.deepEqual(asked, [["https://r", ""]]);
    assert.match(problemsOfXml("inbound", "<authentication-managed-identity />").join(), /resource/);
  });

  it("leaves request and variables alone where an error is ignored", async () => {
    const exchange = exchangeFor(["Authorization", "Bearer client"]);
    const node = asking({ outputVariable: "t", ignoreError: cel("true") });
    assert.equal(await start([node], exchange, { ports: portsWith({ managedIdentity: failing }) }), undefined);
    assert.deepEqual(
      [exchange.variables?.has("t") ?? false, exchange.request.headers.get("authorization")],
      [false, "Bearer client"],
    );
  });
});
