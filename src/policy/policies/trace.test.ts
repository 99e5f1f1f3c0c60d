import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ApiLog } from "#model/ports.ts";
import type { ApiFacts } from "#model/snapshot.ts";
import { cel, exchangeFor, expression, policy, portsWith, run, template } from "#policy/policy.test-helper.ts";

function keptApiLog(): { readonly apiLog: ApiLog; readonly lines: readonly unknown[] } {
  const lines: unknown[] = [];
  return { apiLog: { write: (...line) => void lines.push(line) }, lines };
}

describe("trace", () => {
  it("stands in the request's trail, with what is computed", () => {
    const exchange = exchangeFor();
    const { apiLog, lines } = keptApiLog();
    const node = policy("trace", {
      source: "orders",
      severity: "verbose",
      message: template("got ", "request.path"),
      metadata: [{ name: "method", value: cel("request.method") }],
    });
    assert.equal(run(node, exchange, { ports: portsWith({ apiLog }) }), undefined);
    assert.deepEqual(
      exchange.trail.map(({ step, detail, policy: by }) => [step, detail, by]),
      [["trace", "verbose orders: got /orders/7 method=GET", "sallyport.yaml:12"]],
    );
    assert.deepEqual(lines, [
      ["", "", "debug", "got /orders/7", { requestId: "0190-test", source: "orders", metadata: { method: "GET" } }],
    ]);
  });

  it("goes to the API's log by its severity", () => {
    const { apiLog, lines } = keptApiLog();
    const ports = portsWith({ apiLog });
    run(policy("trace", { source: "a", severity: "information", message: "one" }), exchangeFor(), { ports });
    run(
      policy("trace", { source: "a", severity: "error", message: "two", metadata: [{ name: "n", value: "v" }] }),
      exchangeFor(),
      { ports },
    );
    assert.deepEqual(lines, [
      ["", "", "info", "one", { requestId: "0190-test", source: "a" }],
      ["", "", "error", "two", { requestId: "0190-test", source: "a", metadata: { n: "v" } }],
    ]);
  });

  it("never tells a credential or a secret", () => {
    const token = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.c2lnbmF0dXJl";
    const exchange = exchangeFor(
      ["Authorization", `Bearer ${token}`, "Cookie", "sid=abcdefgh; theme=dark", "X-Key", "key-of-a-client"],
      { query: "k=key-of-another" },
    );
    exchange.api = { subscriptionKey: { header: "X-Key", query: "k", forward: false } } as ApiFacts;
    const message = template(
      "",
      'request.headers["authorization"]',
      " | ",
      'request.headers["cookie"]',
      " | ",
      'request.headers["x-key"]',
      " | ",
      "request.queryString",
      " | other eyJhbGciOiJIUzI1NiJ9.eyJhIjoxfQ.abc plain.words.in-a-row-of-some-length",
    );
    const secret = { kind: "literal", value: "named-secret", secret: true } as const;
    const { apiLog, lines } = keptApiLog();
    const node = policy("trace", { source: "s", severity: "error", message, metadata: [{ name: "x", value: secret }] });
    run(node, exchange, { ports: portsWith({ apiLog }) });
    const told = "Bearer *** | sid=***; theme=dark | *** | k=*** | other *** plain.words.in-a-row-of-some-length";
    assert.deepEqual(lines, [["", "", "error", told, { requestId: "0190-test", source: "s", metadata: { x: "***" } }]]);
    assert.equal(exchange.trail[0]?.detail, `error s: ${told} x=***`);
  });

  it("is cut where it is too long", () => {
    const exchange = exchangeFor();
    run(policy("trace", { source: "s", message: "ab ".repeat(10_000) }), exchange);
    assert.equal(exchange.trail[0]?.detail?.length, "verbose s: ".length + 8192);
  });

  it("tells nothing of an expression with a secret in it", () => {
    const exchange = exchangeFor();
    const secret = { kind: "expression", expression: { ...expression("'a secret'"), secret: true } } as const;
    const inText = { kind: "template", parts: ["of ", secret.expression] } as const;
    for (const message of [secret, inText]) {
      run(policy("trace", { source: "s", severity: "verbose", message }), exchange);
    }
    assert.deepEqual(
      exchange.trail.map(({ detail }) => detail),
      ["verbose s: ***", "verbose s: ***"],
    );
  });
});
