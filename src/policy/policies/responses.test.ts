import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Route } from "#model/snapshot.ts";
import { cel, exchangeFor, policy, run, start, portsWith, template } from "#policy/policy.test-helper.ts";

function answerOf(node: ReturnType<typeof policy>, exchange = exchangeFor()) {
  const outcome = run(node, exchange);
  assert.ok(outcome?.kind === "answer", JSON.stringify(outcome));
  return outcome;
}

const withExamples = exchangeFor();
withExamples.route = {
  examples: [
    { status: 200, contentType: "application/json; charset=utf-8", body: "{}" },
    { status: 200, contentType: "text/plain", body: "one" },
    { status: 404, contentType: "text/plain", body: "none" },
  ],
} as unknown as Route;

const pick = (args: Parameters<typeof policy>[1]): unknown[] => {
  const answer = answerOf(policy("mock-response", args), withExamples);
  return [answer.status, answer.headers.raw, answer.body === null ? null : String(answer.body)];
};

describe("return-response", () => {
  it("is an empty 200 by default", () => {
    const answer = answerOf(policy("return-response"));
    assert.deepEqual([answer.status, answer.statusText, answer.headers.raw, answer.body], [200, "OK", [], null]);
  });

  it("has status, reason, headers and body as written or computed", () => {
    const answer = answerOf(
      policy("return-response", {
        status: cel("400 + 9"),
        reason: "Taken",
        headers: { "Content-Type": "text/plain", "Set-Cookie": ["a=1", "b=2"] },
        body: template("by ", "request.method"),
      }),
    );
    assert.deepEqual([answer.status, answer.statusText, String(answer.body)], [409, "Taken", "by GET"]);
    assert.deepEqual(answer.headers.raw, ["Content-Type", "text/plain", "Set-Cookie", "a=1", "Set-Cookie", "b=2"]);
  });

  it("refuses a computed header value that would split the response", () => {
    const node = policy("return-response", { headers: { Location: template("/", 'request.query["to"]') } });
    const outcome = run(node, exchangeFor([], { query: "to=a%0d%0aSet-Cookie:%20x" }));
    assert.equal(outcome?.kind === "refusal" && outcome.reason, "expression-failed");
  });

  it("ends the section", () => {
    const exchange = exchangeFor();
    start([policy("return-response"), policy("set-variable", { name: "a", value: 1 })], exchange);
    assert.equal(exchange.variables, null);
  });
});

describe("mock-response", () => {
  it("picks by status, content type and index", () => {
    assert.deepEqual(pick({}), [200, ["Content-Type", "application/json; charset=utf-8"], "{}"]);
    assert.deepEqual(pick({ contentType: "application/json" }), [
      200,
      ["Content-Type", "application/json; charset=utf-8"],
      "{}",
    ]);
    assert.deepEqual(pick({ index: 1 }), [200, ["Content-Type", "text/plain"], "one"]);
    assert.deepEqual(pick({ statusCode: 404 }), [404, ["Content-Type", "text/plain"], "none"]);
    assert.deepEqual(pick({ statusCode: 500 }), [500, [], null]);
  });
});

describe("forward-request", () => {
  it("forwards through the port, with its time-out", async () => {
    const seen: (number | undefined)[] = [];
    const ports = portsWith({ forward: (_exchange, timeout) => (seen.push(timeout), Promise.resolve(undefined)) });
    const options = { section: "backend", ports } as const;
    assert.equal(await start([policy("forward-request")], exchangeFor(), options), undefined);
    assert.equal(await start([policy("forward-request", { timeout: 20_000 })], exchangeFor(), options), undefined);
    assert.equal(await start([policy("forward-request", { timeout: cel("3") })], exchangeFor(), options), undefined);
    assert.deepEqual(seen, [undefined, 20_000, 3000]);
  });

  it("cannot be linked where nothing can forward", () => {
    const { forward: _forward, ...ports } = portsWith();
    assert.throws(() => run(policy("forward-request"), exchangeFor(), { section: "backend", ports }), /cannot forward/);
  });
});
