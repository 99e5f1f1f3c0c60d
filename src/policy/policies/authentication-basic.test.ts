import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { problemsOfXml } from "#policy/policy-xml.test-helper.ts";
import { cel, exchangeFor, policy, run } from "#policy/policy.test-helper.ts";

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

  it("writes user and password as UTF-8", () => {
    const exchange = exchangeFor();
    run(policy("authentication-basic", { username: "jürgen", password: "a:b" }), exchange);
    assert.equal(
      exchange.request.headers.get("authorization"),
      `Basic ${Buffer.from("jürgen:a:b").toString("base64")}`,
    );
  });

  it("needs both, and stands in inbound alone", () => {
    assert.match(problemsOfXml("inbound", '<authentication-basic password="p" />').join(), /username/);
    assert.match(problemsOfXml("inbound", '<authentication-basic username="u" />').join(), /password/);
    assert.match(problemsOfXml("outbound", '<authentication-basic username="u" password="p" />').join(), /outbound/);
  });
});
