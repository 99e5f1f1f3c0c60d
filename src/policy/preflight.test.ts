import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { chainOf, exchangeFor, policy, portsWith, cel } from "./policy.test-helper.ts";
import { answerPreflight } from "./preflight.ts";

const strict = policy("cors", {
  allowedOrigins: ["https://app.example.com"],
  allowedMethods: ["GET", "PUT"],
  allowedHeaders: ["X-A", "Authorization"],
  allowCredentials: true,
  preflightResultMaxAge: 600_000,
});

function preflight(method: string, headers: string | null, origin = "https://app.example.com") {
  const wanted = headers === null ? [] : ["Access-Control-Request-Headers", headers];
  return exchangeFor(["Origin", origin, "Access-Control-Request-Method", method, ...wanted], { method: "OPTIONS" });
}

function fieldsOf(exchange: ReturnType<typeof preflight>, ...nodes: ReturnType<typeof policy>[]) {
  const answer = answerPreflight(exchange, chainOf("inbound", nodes, portsWith()));
  assert.ok(answer?.kind === "answer" && answer.status === 200 && answer.body === null, JSON.stringify(answer));
  const { raw } = answer.headers;
  return Object.fromEntries(raw.flatMap((name, at) => (at % 2 === 0 ? [[name, raw[at + 1]]] : [])));
}

const vary = { Vary: "Origin, Access-Control-Request-Method, Access-Control-Request-Headers" };

describe("preflight", () => {
  it("is not answered by a chain without cors, and only by policies directly in inbound", () => {
    const nested = policy("choose", {
      when: [{ condition: cel("true"), policies: { kind: "policies", policies: [strict] } }],
    });
    const chain = chainOf("inbound", [nested], portsWith());
    assert.equal(answerPreflight(preflight("GET", null), chain), undefined);
  });

  it("is answered for allowed origin, method and headers, and runs no other policy", () => {
    const guard = policy("return-response", { status: 500 });
    assert.deepEqual(fieldsOf(preflight("PUT", "x-a, authorization"), guard, strict), {
      ...vary,
      "Access-Control-Allow-Origin": "https://app.example.com",
      "Access-Control-Allow-Methods": "GET, PUT",
      "Access-Control-Allow-Headers": "x-a, authorization",
      "Access-Control-Max-Age": "600",
      "Access-Control-Allow-Credentials": "true",
    });
  });

  it("says how long it may be kept as computed", () => {
    const computed = policy("cors", {
      allowedOrigins: ["*"],
      preflightResultMaxAge: cel("request.headers.size() * 10"),
    });
    assert.equal(fieldsOf(preflight("GET", null), computed)["Access-Control-Max-Age"], "20");
  });

  for (const [what, exchange] of [
    ["another origin", preflight("GET", null, "https://evil.example")],
    ["another method", preflight("DELETE", null)],
    ["another header", preflight("GET", "x-a, x-b")],
    ["a malformed header list", preflight("GET", "x-a, x b")],
  ] as const) {
    it(`gets an empty 200 for ${what}`, () => assert.deepEqual(fieldsOf(exchange, strict), vary));
  }

  it("tries the next policy only when the one before does not terminate", () => {
    const lax = policy("cors", { allowedOrigins: ["https://b.example"], terminateUnmatchedRequest: false });
    const any = policy("cors", { allowedOrigins: ["*"], allowedMethods: ["*"], allowedHeaders: ["*"] });
    assert.equal(fieldsOf(preflight("PURGE", "x-z"), lax, any)["Access-Control-Allow-Methods"], "PURGE");
    assert.deepEqual(fieldsOf(preflight("PURGE", "x-z"), strict, any), vary);
  });

  it("is refused when an origin cannot be computed", () => {
    const broken = policy("cors", { allowedOrigins: [cel('request.headers["x-none"]')] });
    const answer = answerPreflight(preflight("GET", null), chainOf("inbound", [broken], portsWith()));
    assert.equal(answer?.kind === "refusal" && answer.reason, "expression-failed");
  });
});
