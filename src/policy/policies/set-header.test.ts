import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ResponseDraft } from "#model/exchange.ts";
import { HeaderList } from "#model/header-list.ts";
import { cel, exchangeFor, policy, run } from "#policy/policy.test-helper.ts";

const reasonOf = (outcome: ReturnType<typeof run>): string | undefined =>
  outcome?.kind === "refusal" ? outcome.reason : outcome?.kind;

function changed(sent: string[], args: Parameters<typeof policy>[1]): string[] {
  const exchange = exchangeFor(sent);
  assert.equal(run(policy("set-header", args), exchange), undefined);
  return exchange.request.headers.raw;
}

describe("set-header on the request", () => {
  it("leaves what the client sent as it was", () => {
    const exchange = exchangeFor(["X-A", "1"]);
    run(policy("set-header", { name: "X-A", values: ["2"] }), exchange);
    assert.deepEqual(exchange.facts.headers.raw, ["X-A", "1"]);
    assert.deepEqual(exchange.request.headers.raw, ["X-A", "2"]);
  });

  it("overrides every spelling and repetition, so that no forged field is left", () => {
    const forged = ["X-User", "root", "x-user", "root", "X-USER", "root", "X-B", "b"];
    assert.deepEqual(changed(forged, { name: "X-User", values: ["ada"] }), ["X-B", "b", "X-User", "ada"]);
  });

  it("takes the place of the gateway's word on where a request came from, and never adds to the client's", () => {
    const written = (action: string, peerTrusted: boolean, name = "X-Forwarded-For"): unknown => {
      const exchange = exchangeFor([name, "6.6.6.6"], { peerTrusted });
      run(policy("set-header", { name, ifExists: action, values: ["b"] }), exchange);
      return [exchange.request.headers.raw.join(" "), exchange.request.forwardingFields];
    };
    const names = ["x-forwarded-for"];
    assert.deepEqual(written("override", false), ["X-Forwarded-For b", names]);
    assert.deepEqual(written("append", false), ["X-Forwarded-For b", names]);
    assert.deepEqual(written("append", true), ["X-Forwarded-For 6.6.6.6,b", names]);
    assert.deepEqual(written("delete", true), ["", names]);
    assert.deepEqual(written("skip", false), ["X-Forwarded-For 6.6.6.6", null]);
    assert.deepEqual(written("skip", false, "Forwarded"), ["Forwarded b", ["forwarded"]]);
    assert.deepEqual(written("skip", true, "Forwarded"), ["Forwarded 6.6.6.6", ["forwarded"]]);
  });

  it("skips, appends and deletes", () => {
    assert.deepEqual(changed(["X-A", "1"], { name: "x-a", ifExists: "skip", values: ["2"] }), ["X-A", "1"]);
    assert.deepEqual(changed([], { name: "X-A", ifExists: "skip", values: ["2"] }), ["X-A", "2"]);
    assert.deepEqual(changed(["X-A", "1"], { name: "X-A", ifExists: "append", values: ["2", "3"] }), ["X-A", "1,2,3"]);
    assert.deepEqual(changed([], { name: "X-A", ifExists: "append", values: ["2"] }), ["X-A", "2"]);
    assert.deepEqual(changed(["X-A", "1", "x-a", "2"], { name: "X-A", ifExists: "delete" }), []);
  });

  it("joins values in one line, but not those of cookies and their like", () => {
    assert.deepEqual(changed([], { name: "Accept", values: ["a", "b"] }), ["Accept", "a,b"]);
    assert.deepEqual(changed(["Cookie", "a=1"], { name: "Cookie", ifExists: "append", values: ["b=2"] }), [
      "Cookie",
      "a=1",
      "Cookie",
      "b=2",
    ]);
  });

  for (const source of ['"a\\r\\nX-Admin: yes"', '"a\\nb"', '"a\\u0000b"']) {
    it(`refuses the computed value ${source}`, () => {
      const exchange = exchangeFor();
      assert.equal(
        reasonOf(run(policy("set-header", { name: "X-A", values: [cel(source)] }), exchange)),
        "expression-failed",
      );
      assert.equal(exchange.request.headers.has("x-a"), false);
    });
  }

  it("writes wide characters as UTF-8, so that none becomes a line feed when narrowed", () => {
    const [, value] = changed([], { name: "X-A", values: ["Ċ€"] });
    assert.equal(value, Buffer.from("Ċ€").toString("latin1"));
    assert.doesNotMatch(value ?? "", /\n/);
  });

  for (const name of [
    "Transfer-Encoding",
    "content-length",
    "Connection",
    "Keep-Alive",
    "Upgrade",
    "X-Request-Id",
    "X A",
    "A\r\nB",
    "",
  ]) {
    it(`refuses the computed name ${JSON.stringify(name)}`, () => {
      const computed = cel(JSON.stringify(name));
      assert.equal(
        reasonOf(run(policy("set-header", { name: computed, values: ["1"] }), exchangeFor())),
        "expression-failed",
      );
      assert.equal(
        reasonOf(run(policy("set-header", { name: computed, ifExists: "delete" }), exchangeFor())),
        "expression-failed",
      );
    });
  }

  it("replaces Host by one host and nothing else", () => {
    const exchange = exchangeFor(["Host", "api.example.com"]);
    run(policy("set-header", { name: "host", values: ["inner.example.com:8080"] }), exchange);
    assert.equal(exchange.request.hostSet, true);
    assert.deepEqual(exchange.request.headers.all("host"), ["inner.example.com:8080"]);
    for (const args of [
      { values: ["a", "b"] },
      { values: ["a/b"] },
      { values: ["u@a"] },
      { ifExists: "delete" },
      { ifExists: "append", values: ["a"] },
    ]) {
      assert.equal(reasonOf(run(policy("set-header", { name: "Host", ...args }), exchangeFor())), "expression-failed");
    }
  });
});

describe("set-header on the response", () => {
  it("changes the response in outbound and on-error, and not the request", () => {
    for (const section of ["outbound", "on-error"] as const) {
      const exchange = exchangeFor(["X-A", "request"]);
      exchange.response = new ResponseDraft(200, "", new HeaderList(["X-A", "1"]), null, "upstream");
      assert.equal(run(policy("set-header", { name: "X-A", ifExists: "delete" }), exchange, { section }), undefined);
      assert.deepEqual(exchange.response.headers.raw, []);
      assert.equal(exchange.request.headers.get("x-a"), "request");
    }
  });
});
