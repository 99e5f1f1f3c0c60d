import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ResponseDraft } from "#model/exchange.ts";
import { GatewayError } from "#model/errors.ts";
import { HeaderList } from "#model/header-list.ts";
import { Activation } from "./activation.ts";
import { compileCel } from "./compile.ts";
import { exchangeFor, fixedClock } from "./exchange.test-helper.ts";

const run = (source: string, exchange = exchangeFor()): unknown =>
  compileCel(source)(new Activation(exchange, fixedClock));

describe("compileCel", () => {
  it("shows the request", () => {
    assert.equal(
      run("request.method + request.scheme + request.host + request.path"),
      "GEThttpsapi.example.com/orders/7",
    );
    assert.equal(run('request.query["a"] + request.query["b"]'), "1x y");
    assert.equal(run("request.queryString"), "a=1&a=2&b=x%20y");
    assert.equal(run("size(request.query)"), 2n);
  });

  it("finds headers however the client spells them, repeated ones joined", () => {
    for (const name of ["X-Role", "x-role", "X-ROLE"]) {
      const exchange = exchangeFor([name, "a", name, "b"]);
      assert.equal(run('request.headers["x-role"]', exchange), "a, b");
      assert.equal(run('request.headers["X-Role"]', exchange), "a, b");
      assert.equal(run('"x-role" in request.headers', exchange), true);
      assert.equal(run('request.headers.exists(n, n == "x-role")', exchange), true);
      assert.equal(run("size(request.headers)", exchange), 1n);
    }
  });

  it("shows the headers as policies left them", () => {
    const exchange = exchangeFor(["X-A", "1"]);
    exchange.request.headers = new HeaderList(["X-A", "2"]);
    assert.equal(run('request.headers["x-a"]', exchange), "2");
  });

  it("shows the principal, empty strings for what it lacks", () => {
    const exchange = exchangeFor();
    assert.equal(run("principal.authenticated", exchange), false);
    exchange.principal = { ...exchange.principal, kind: "user", groups: ["x"], claims: { level: 3, admin: true } };
    assert.equal(run('principal.authenticated && "x" in principal.groups && principal.tenant == ""', exchange), true);
    assert.equal(run("principal.claims.level >= 3 && principal.claims.admin", exchange), true);
  });

  it("has no prototype members in maps made of plain objects", () => {
    assert.throws(() => run("principal.claims.constructor == null"), GatewayError);
    assert.throws(() => run('parameters["toString"] == ""'), GatewayError);
  });

  it("shows response, variables, subscription and last error, null when there is none", () => {
    const exchange = exchangeFor();
    assert.equal(run("response == null && subscription == null && lastError == null", exchange), true);
    exchange.response = new ResponseDraft(503, "", new HeaderList(["A", "b"]), null, "upstream");
    exchange.setVariable("n", 2);
    exchange.subscription = { id: "s1", scope: "all", by: "key" };
    assert.equal(run('response.status >= 500 && response.headers["a"] == "b"', exchange), true);
    assert.equal(run('variables["n"] == 2 && subscription.id == "s1"', exchange), true);
    assert.equal(run('now == timestamp("2026-01-02T00:00:00Z")', exchange), true);
  });

  it("throws on what cannot be evaluated, naming the source and no value", () => {
    const exchange = exchangeFor(["Authorization", "Bearer hunter2"]);
    assert.throws(
      () => run('request.headers["x-missing"]', exchange),
      /no_such_key at `request.headers\["x-missing"\]`/,
    );
    assert.throws(
      () => run('bool(request.headers["authorization"])', exchange),
      (error: unknown) =>
        error instanceof GatewayError && error.code === "expression-failed" && !/hunter2/.test(error.message),
    );
    assert.throws(() => run("response.status >= 500", exchange), GatewayError);
  });

  it("throws when compiled from what does not check", () => {
    assert.throws(() => compileCel("nobody.home"), /Unknown variable/);
  });

  it("matches in linear time and unanchored", () => {
    const exchange = exchangeFor(["X-A", `${"a".repeat(4000)}!`]);
    const started = performance.now();
    assert.equal(run('request.headers["x-a"].matches("^(a+)+$")', exchange), false);
    assert.ok(performance.now() - started < 2000);
    assert.equal(run('request.path.matches("[0-9]$") && !request.path.matches("^7")', exchange), true);
    const long = exchangeFor(["X-A", "a".repeat(20_000)]);
    assert.throws(() => run('request.headers["x-a"].matches("a")', long), GatewayError);
  });

  it("keeps two exchanges apart when a value outlives its expression", () => {
    const compiled = compileCel("request.headers");
    const first = compiled(new Activation(exchangeFor(["X-A", "first"]), fixedClock)) as Map<string, string>;
    compiled(new Activation(exchangeFor(["X-A", "second"]), fixedClock));
    assert.equal(first.get("x-a"), "first");
  });
});
