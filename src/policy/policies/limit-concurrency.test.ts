import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Outcome } from "#model/decision.ts";
import { type ConcurrencyCounters, noRoom, tooMany } from "#model/ports.ts";
import { cel, exchangeFor, policies, policy, portsWith, start } from "#policy/policy.test-helper.ts";

/** Counts on this thread alone: a test double. The shared one: src/threads/concurrency.test.ts */
class OwnCounters implements ConcurrencyCounters {
  inside = 0;
  readonly keys: string[] = [];

  enter(key: string, most: number): number {
    this.keys.push(key);
    if (this.inside >= most) return tooMany;
    this.inside += 1;
    return 7;
  }

  leave(ticket: number): void {
    assert.equal(ticket, 7);
    this.inside -= 1;
  }
}

function limited(
  maxCount: number,
  key: ReturnType<typeof cel> | string = cel("request.host"),
): ReturnType<typeof policy> {
  return policy("limit-concurrency", { key, maxCount, policies: policies(policy("forward-request")) });
}

const reasonOf = (outcome: Outcome): string | undefined =>
  outcome?.kind === "refusal" ? outcome.reason : outcome?.kind;

describe("limit-concurrency", () => {
  it("refuses while too many are inside, until one has come out", async () => {
    const concurrency = new OwnCounters();
    let finish: () => void = () => {};
    const forward = (): Promise<undefined> => new Promise((resolve) => (finish = () => resolve(undefined)));
    const options = { section: "backend", ports: portsWith({ concurrency, forward }) } as const;
    const first = start([limited(1)], exchangeFor(), options);
    const exchange = exchangeFor();
    assert.equal(reasonOf(await start([limited(1)], exchange, options)), "concurrency-exceeded");
    assert.deepEqual([exchange.lastError?.source, exchange.trail.length], ["limit-concurrency", 1]);
    finish();
    assert.equal(await first, undefined);
    assert.deepEqual([concurrency.inside, concurrency.keys], [0, ["api.example.com", "api.example.com"]]);
  });

  it("lets go when what is inside fails, and says who failed", async () => {
    const concurrency = new OwnCounters();
    const forward = async (): Promise<Outcome> => {
      throw new TypeError("broken");
    };
    const exchange = exchangeFor();
    const options = { section: "backend", ports: portsWith({ concurrency, forward }) } as const;
    assert.equal(reasonOf(await start([limited(1)], exchange, options)), "policy-failed");
    assert.deepEqual([concurrency.inside, exchange.lastError?.path], [0, "limit-concurrency/forward-request"]);
  });

  it("refuses an empty key, and what there is no room to count", () => {
    assert.equal(
      reasonOf(start([limited(1, "")], exchangeFor(), { section: "backend" }) as Outcome),
      "limiter-key-empty",
    );
    const full: ConcurrencyCounters = { enter: () => noRoom, leave: () => assert.fail() };
    const ports = portsWith({ concurrency: full });
    assert.equal(reasonOf(start([limited(1)], exchangeFor(), { section: "backend", ports }) as Outcome), "overloaded");
  });
});
