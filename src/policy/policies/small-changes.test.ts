import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ResponseDraft } from "#model/exchange.ts";
import { HeaderList } from "#model/header-list.ts";
import { asUser, cel, exchangeFor, policy, run, template } from "#policy/policy.test-helper.ts";

const reasonOf = (outcome: ReturnType<typeof run>): string | undefined =>
  outcome?.kind === "refusal" ? outcome.reason : outcome?.kind;

describe("set-method", () => {
  it("changes the draft and not the facts", () => {
    const exchange = exchangeFor();
    run(policy("set-method", { method: "PATCH" }), exchange);
    assert.deepEqual([exchange.request.method, exchange.facts.method], ["PATCH", "GET"]);
  });

  for (const method of ["GET /x HTTP/1.1\r\nA: b", "", "GE T", "CONNECT", "TRACE"]) {
    it(`refuses ${JSON.stringify(method)}`, () => {
      assert.equal(
        reasonOf(run(policy("set-method", { method: cel(JSON.stringify(method)) }), exchangeFor())),
        "expression-failed",
      );
    });
  }
});

describe("set-status", () => {
  it("sets the status, with the standard phrase when none is given", () => {
    const exchange = exchangeFor();
    exchange.response = new ResponseDraft(200, "OK", new HeaderList(), null, "upstream");
    run(policy("set-status", { code: 404 }), exchange, { section: "outbound" });
    assert.deepEqual([exchange.response.status, exchange.response.statusText], [404, "Not Found"]);
    run(policy("set-status", { code: cel("500 + 3"), reason: "Later" }), exchange, { section: "outbound" });
    assert.deepEqual([exchange.response.status, exchange.response.statusText], [503, "Later"]);
  });

  it("refuses what is no status or would split the response, and changes nothing then", () => {
    const exchange = exchangeFor();
    exchange.response = new ResponseDraft(200, "OK", new HeaderList(), null, "upstream");
    for (const args of [{ code: cel("99") }, { code: cel("2000") }, { code: 204, reason: cel('"a\\r\\nb: c"') }]) {
      assert.equal(reasonOf(run(policy("set-status", args), exchange, { section: "outbound" })), "expression-failed");
      assert.equal(exchange.response.status, 200);
    }
  });

  it("does nothing while there is no response", () => {
    assert.equal(run(policy("set-status", { code: 404 }), exchangeFor()), undefined);
  });
});

const text = (source: string): string => {
  const exchange = asUser(exchangeFor(), { claims: { a: [1, { b: null }] } });
  run(policy("set-body", { body: cel(source) }), exchange);
  return String(exchange.request.body);
};

describe("set-body", () => {
  it("sets the request's body, without the encoding that described the old one", () => {
    const exchange = asUser(exchangeFor(["Content-Encoding", "gzip", "Content-Type", "text/plain"]));
    run(policy("set-body", { body: template('{"u":"', "principal.id", '"}') }), exchange);
    assert.equal(String(exchange.request.body), '{"u":"i|t|ada"}');
    assert.deepEqual(exchange.request.headers.raw, ["Content-Type", "text/plain"]);
    assert.equal(exchange.facts.headers.has("content-encoding"), true);
  });

  it("sets the response's body and cancels the stream it replaces", () => {
    let cancelled = 0;
    const body = { length: 9, start() {}, pause() {}, resume() {}, cancel: () => (cancelled += 1) };
    const exchange = exchangeFor();
    exchange.response = new ResponseDraft(200, "", new HeaderList(["Content-Encoding", "br"]), body, "upstream");
    run(policy("set-body", { body: "new" }), exchange, { section: "outbound" });
    assert.equal(String(exchange.response.body), "new");
    assert.equal(exchange.response.headers.has("content-encoding"), false);
    assert.equal(cancelled, 1);
  });

  it("writes null as nothing, lists and maps as JSON", () => {
    assert.equal(text("null"), "");
    assert.equal(text("principal.claims"), '{"a":[1,{"b":null}]}');
    assert.equal(text("[1, 2]"), "[1,2]");
  });
});

describe("set-variable", () => {
  it("keeps the type of an expression", () => {
    const exchange = exchangeFor();
    run(policy("set-variable", { name: "n", value: cel("1 + 1") }), exchange);
    run(policy("set-variable", { name: "b", value: cel('variables["n"] == 2') }), exchange);
    run(policy("set-variable", { name: "t", value: template("n=", 'variables["n"]') }), exchange);
    run(policy("set-variable", { name: "five", value: 5 }), exchange);
    run(policy("set-variable", { name: "six", value: cel('variables["five"] + 1') }), exchange);
    assert.deepEqual(
      [...(exchange.variables ?? [])],
      [
        ["n", 2n],
        ["b", true],
        ["t", "n=2"],
        ["five", 5n],
        ["six", 6n],
      ],
    );
  });
});
