import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ResponseDraft } from "#model/exchange.ts";
import { HeaderList } from "#model/header-list.ts";
import { exchangeFor, policy, run } from "#policy/policy.test-helper.ts";

const of = (...names: readonly string[]): Parameters<typeof run>[0] => policy("remove-headers", { names: [...names] });

describe("remove-headers", () => {
  it("takes every field that fits out of the request, and leaves what the client sent as it was", () => {
    const sent = ["X-Internal-A", "1", "X-Other", "2", "x-internal-b", "3", "A-Debug", "4", "Accept", "*/*"];
    const exchange = exchangeFor(sent);
    assert.equal(run(of("x-INTERNAL-*", "*-debug"), exchange), undefined);
    assert.deepEqual(exchange.request.headers.raw, ["X-Other", "2", "Accept", "*/*"]);
    assert.deepEqual(exchange.facts.headers.raw, sent);
    assert.equal(exchange.request.dropTrailers, true);
  });

  it("copies nothing where nothing fits", () => {
    const exchange = exchangeFor(["Accept", "*/*"]);
    run(of("X-Internal-*"), exchange);
    assert.equal(exchange.request.headers, exchange.facts.headers);
  });

  it("leaves what the message stands on, whatever fits", () => {
    const exchange = exchangeFor(["Host", "a", "Content-Length", "3", "Transfer-Encoding", "chunked", "X", "1"]);
    run(of("*"), exchange);
    assert.deepEqual(exchange.request.headers.raw, [
      "Host",
      "a",
      "Content-Length",
      "3",
      "Transfer-Encoding",
      "chunked",
    ]);
  });

  it("keeps the gateway from saying where a request came from, where that fits", () => {
    const exchange = exchangeFor(["X-Forwarded-For", "6.6.6.6"]);
    run(of("X-Forwarded-*"), exchange);
    assert.deepEqual(exchange.request.headers.raw, []);
    const names = ["x-forwarded-for", "x-forwarded-host", "x-forwarded-proto"];
    assert.deepEqual(exchange.request.forwardingFields, names);
  });

  it("is about the response behind the backend", () => {
    const exchange = exchangeFor(["X-A", "1"]);
    exchange.response = new ResponseDraft(
      200,
      "",
      new HeaderList(["X-A", "1", "X-B", "2", "Y", "3"]),
      null,
      "upstream",
    );
    run(of("X-*"), exchange, { section: "outbound" });
    assert.deepEqual(exchange.response.headers.raw, ["Y", "3"]);
    assert.deepEqual(exchange.request.headers.raw, ["X-A", "1"]);
  });
});
