import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { cel, exchangeFor, policy, run, start, template } from "#policy/policy.test-helper.ts";

const node = policy("cors", {
  allowedOrigins: ["https://app.example.com/", "http://localhost:80"],
  exposeHeaders: ["X-A", "X-B"],
  allowCredentials: true,
});

describe("cors on an actual request", () => {
  it("does nothing without an Origin", () => {
    const exchange = exchangeFor();
    assert.equal(run(node, exchange), undefined);
    assert.equal(exchange.responseExtras, null);
  });

  it("marks the response for an allowed origin, default ports and case aside", () => {
    for (const origin of ["https://app.example.com", "https://APP.example.com:443", "http://localhost"]) {
      const exchange = exchangeFor(["Origin", origin]);
      assert.equal(run(node, exchange), undefined);
      assert.deepEqual(exchange.responseExtras, [
        "Vary",
        "Origin",
        "Access-Control-Allow-Origin",
        origin,
        "Access-Control-Allow-Credentials",
        "true",
        "Access-Control-Expose-Headers",
        "X-A, X-B",
      ]);
    }
  });

  for (const origin of [
    "https://evil.example",
    "http://app.example.com",
    "https://app.example.com.evil.example",
    "https://app.example.com:8443",
    "null",
    "",
  ]) {
    it(`does not mark ${JSON.stringify(origin)}`, () => {
      const exchange = exchangeFor(["Origin", origin]);
      const outcome = run(node, exchange);
      assert.ok(outcome?.kind === "answer" && outcome.status === 200 && outcome.body === null);
      assert.deepEqual(exchange.responseExtras, ["Vary", "Origin"]);
    });
  }

  it("lets other methods, and all when told to, go on without the marks", () => {
    assert.equal(run(node, exchangeFor(["Origin", "https://evil.example"], { method: "POST" })), undefined);
    const lax = policy("cors", { allowedOrigins: ["https://a.example"], terminateUnmatchedRequest: false });
    const exchange = exchangeFor(["Origin", "https://evil.example"]);
    assert.equal(run(lax, exchange), undefined);
    assert.deepEqual(exchange.responseExtras, ["Vary", "Origin"]);
  });

  it("says * to anybody when it allows anybody", () => {
    const exchange = exchangeFor(["Origin", "null"]);
    run(policy("cors", { allowedOrigins: ["*"] }), exchange);
    assert.deepEqual(exchange.responseExtras, ["Access-Control-Allow-Origin", "*"]);
  });

  it("lets the first policy that matches count", () => {
    const exchange = exchangeFor(["Origin", "https://a.example"]);
    start(
      [policy("cors", { allowedOrigins: ["*"] }), policy("cors", { allowedOrigins: ["https://a.example"] })],
      exchange,
    );
    assert.equal(exchange.responseExtras?.filter((text) => text === "Access-Control-Allow-Origin").length, 1);
  });

  it("computes origins", () => {
    const computed = policy("cors", { allowedOrigins: [template("https://", "request.host")] });
    const exchange = exchangeFor(["Origin", "https://api.example.com"]);
    assert.equal(run(computed, exchange), undefined);
    assert.ok(exchange.responseExtras?.includes("https://api.example.com"));
  });

  it("never takes null for an origin, though a computed list may hold it", () => {
    const echo = policy("cors", { allowedOrigins: [cel('request.headers["origin"]')] });
    const exchange = exchangeFor(["Origin", "null"]);
    run(echo, exchange);
    assert.deepEqual(exchange.responseExtras, ["Vary", "Origin"]);
  });
});
