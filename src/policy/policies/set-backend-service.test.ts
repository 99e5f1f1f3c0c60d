import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { cel, exchangeFor, policy, run, template } from "#policy/policy.test-helper.ts";

function chosen(args: Parameters<typeof policy>[1]) {
  const exchange = exchangeFor(["X-To", "eu"]);
  const outcome = run(policy("set-backend-service", args), exchange);
  const { backend, baseUrl, baseUrlComputed } = exchange.request;
  return outcome?.kind === "refusal" ? outcome.reason : [backend, baseUrl, baseUrlComputed];
}

describe("set-backend-service", () => {
  it("chooses a backend by its name, computed or not", () => {
    assert.deepEqual(chosen({ backendId: "orders-eu" }), [1, null, false]);
    assert.deepEqual(chosen({ backendId: template("orders-", 'request.headers["x-to"]') }), [1, null, false]);
    assert.equal(chosen({ backendId: template("x-", 'request.headers["x-to"]') }), "policy-failed");
  });

  it("takes a written URL as declared and any computed one as computed", () => {
    assert.deepEqual(chosen({ baseUrl: "http://127.0.0.1:9000/a" }), [-1, "http://127.0.0.1:9000/a", false]);
    assert.deepEqual(chosen({ baseUrl: template("https://", 'request.headers["x-to"]', ".example.com") }), [
      -1,
      "https://eu.example.com",
      true,
    ]);
    assert.deepEqual(chosen({ baseUrl: cel('"https://a.example/b"') }), [-1, "https://a.example/b", true]);
  });

  it("turns back from a computed URL when a backend is chosen later", () => {
    const exchange = exchangeFor();
    run(policy("set-backend-service", { baseUrl: cel('"https://a.example"') }), exchange);
    run(policy("set-backend-service", { backendId: "orders" }), exchange);
    assert.deepEqual(
      [exchange.request.backend, exchange.request.baseUrl, exchange.request.baseUrlComputed],
      [0, null, false],
    );
  });

  it("keeps a backend that a broader scope chose by its name, unless another is named", () => {
    const exchange = exchangeFor();
    exchange.request.backendScope = "global";
    exchange.request.backend = 1;
    run(policy("set-backend-service", { baseUrl: "https://a.example" }), exchange);
    assert.deepEqual([exchange.request.backend, exchange.request.baseUrl], [1, null]);
    run(policy("set-backend-service", { backendId: "orders" }), exchange);
    assert.equal(exchange.request.backend, 0);
    run(policy("set-backend-service", { baseUrl: "https://a.example" }), exchange);
    assert.deepEqual([exchange.request.backend, exchange.request.baseUrl], [-1, "https://a.example"]);
  });

  for (const url of [
    "file:///etc/passwd",
    "//a",
    "https://u@a.example",
    "https://a.example\\@b",
    "https://a.example/?x",
    "https://a.example/#x",
    "https://a b",
    "",
    "http://a:99999",
  ]) {
    it(`refuses the computed URL ${JSON.stringify(url)}`, () => {
      assert.equal(chosen({ baseUrl: cel(JSON.stringify(url)) }), "expression-failed");
    });
  }
});
