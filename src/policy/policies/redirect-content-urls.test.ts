import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { describe, it } from "node:test";
import type { ApiFacts } from "#model/snapshot.ts";
import { exchangeFor, policy, portsWith, respondingWith, run } from "#policy/policy.test-helper.ts";

const targets = [{ url: "http://orders.internal:8080/v1/" }, { url: "http://orders.internal:8080" }];
const ports = portsWith({ backends: [{ name: "orders", targets }, { name: "found" }] });
const api = { path: "/orders" } as ApiFacts;

function outwards(body: string, backend = 0, baseUrl: string | null = null): string {
  const exchange = respondingWith("text/html", body);
  exchange.api = api;
  exchange.request.backend = backend;
  exchange.request.baseUrl = baseUrl;
  assert.equal(run(policy("redirect-content-urls"), exchange, { section: "outbound", ports }), undefined);
  return String(exchange.response?.body);
}

describe("redirect-content-urls", () => {
  it("leads links to the backend here, the most exact one first", () => {
    assert.equal(
      outwards('<a href="http://orders.internal:8080/v1/7">x</a> http://orders.internal:8080/other'),
      '<a href="https://api.example.com/orders/7">x</a> https://api.example.com/orders/other',
    );
    assert.equal(
      outwards('{"next":"http:\\/\\/orders.internal:8080\\/v1\\/7"}'),
      '{"next":"https:\\/\\/api.example.com\\/orders\\/7"}',
    );
  });

  it("leaves what only begins like the backend", () => {
    for (const url of [
      "http://orders.internal:80801/",
      "http://orders.internal:8080.example/",
      "http://orders.internal:8080@x",
    ]) {
      assert.equal(outwards(url), url);
    }
    assert.equal(outwards("http://orders.internal:8080/v12"), "https://api.example.com/orders/v12");
  });

  it("knows a destination that a policy chose, and leaves all where none is known", () => {
    assert.equal(outwards("http://eu.example/b?x", -1, "http://eu.example/b"), "https://api.example.com/orders?x");
    assert.equal(outwards("http://orders.internal:8080/", 1), "http://orders.internal:8080/");
  });

  it("leads links in a request to the backend", () => {
    const exchange = exchangeFor();
    exchange.api = api;
    exchange.request.backend = 0;
    exchange.request.body = Buffer.from('{"self":"https://api.example.com/orders/7"}');
    run(policy("redirect-content-urls"), exchange, { ports });
    assert.equal(String(exchange.request.body), '{"self":"http://orders.internal:8080/v1/7"}');
  });
});
