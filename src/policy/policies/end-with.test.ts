import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Exchange } from "#model/exchange.ts";
import { linkSingle } from "#policy/link.ts";
import { exchangeFor, policy, portsWith } from "#policy/policy.test-helper.ts";
import { runSection } from "#policy/runner.ts";

function run(section: "inbound" | "on-error", name: string, exchange: Exchange, served: number[] = []): void {
  const ports = portsWith({
    endings: ["files", "pages"],
    errorPage: (_exchange, ending) => {
      served.push(ending);
      return undefined;
    },
  });
  runSection([linkSingle(policy("end-with", { ending: name }), "api", section, ports)], exchange);
}

describe("end-with", () => {
  it("chooses who answers; the last one wins", () => {
    const exchange = exchangeFor();
    run("inbound", "files", exchange);
    run("inbound", "pages", exchange);
    assert.equal(exchange.request.ending, 1);
  });

  it("serves the page of an error at once, and changes nothing of who would have answered", () => {
    const [exchange, served] = [exchangeFor(), [] as number[]];
    run("on-error", "pages", exchange, served);
    assert.deepEqual([served, exchange.request.ending], [[1], -1]);
  });

  it("of a name that is none is never linked", () => {
    assert.throws(() => run("inbound", "other", exchangeFor()), { code: "definition-invalid" });
  });
});
