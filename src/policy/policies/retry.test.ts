import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Outcome, refuse } from "#model/decision.ts";
import { type Exchange, ResponseDraft } from "#model/exchange.ts";
import { HeaderList } from "#model/header-list.ts";
import { cel, exchangeFor, policies, policy, portsWith, start } from "#policy/policy.test-helper.ts";
import { linkRetryWait } from "#policy/retry-wait.ts";

/** A backend that gives one outcome after the other: a status, or a failure. */
function backendGiving(...outcomes: readonly (number | "down")[]): {
  readonly calls: () => number;
  readonly forward: (exchange: Exchange) => Promise<Outcome>;
} {
  let calls = 0;
  return {
    calls: () => calls,
    forward: async (exchange) => {
      const given = outcomes[Math.min(calls, outcomes.length - 1)];
      calls += 1;
      exchange.response = null;
      if (given === "down") return refuse("upstream-connect-failed");
      exchange.response = new ResponseDraft(Number(given), "", new HeaderList(), Buffer.from("{}"), "upstream");
      return undefined;
    },
  };
}

function retry(
  condition: string,
  count: number,
  args: Record<string, number | boolean> = {},
): ReturnType<typeof policy> {
  const inner = policies(policy("forward-request"));
  return policy("retry", { condition: cel(condition), count, interval: 0, policies: inner, ...args });
}

async function run(
  node: ReturnType<typeof policy>,
  backend: ReturnType<typeof backendGiving>,
  exchange = exchangeFor(),
): Promise<Outcome> {
  return start([node], exchange, { section: "backend", ports: portsWith({ forward: backend.forward }) });
}

describe("retry", () => {
  it("repeats while the condition holds", async () => {
    const backend = backendGiving(503, 503, 200);
    const exchange = exchangeFor();
    assert.equal(await run(retry("response.status == 503", 5), backend, exchange), undefined);
    assert.equal(backend.calls(), 3);
    assert.equal(exchange.response?.status, 200);
    assert.deepEqual(
      exchange.trail.map(({ step, outcome }) => `${step} ${outcome}`),
      ["retry retried", "retry retried"],
    );
  });

  it("goes on with the last result when there are no repetitions left", async () => {
    const backend = backendGiving(503);
    const exchange = exchangeFor();
    assert.equal(await run(retry("response.status == 503", 2), backend, exchange), undefined);
    assert.equal(backend.calls(), 3);
    assert.equal(exchange.response?.status, 503);
  });

  it("repeats after a failure where the condition says so, and forgets the failure", async () => {
    const backend = backendGiving("down", 200);
    const exchange = exchangeFor();
    assert.equal(await run(retry("response == null || response.status >= 500", 1), backend, exchange), undefined);
    assert.equal(backend.calls(), 2);
    assert.equal(exchange.lastError, null);
  });

  it("shows the failure to the condition", async () => {
    const backend = backendGiving("down", 200);
    assert.equal(await run(retry('lastError.reason == "upstream-connect-failed"', 1), backend), undefined);
    assert.equal(backend.calls(), 2);
  });

  it("lets the failure through where the condition does not hold, or cannot be told without a response", async () => {
    for (const condition of ["false", "response.status == 503"]) {
      const backend = backendGiving("down");
      const exchange = exchangeFor();
      const outcome = await run(retry(condition, 3), backend, exchange);
      assert.equal(outcome?.kind === "refusal" && outcome.reason, "upstream-connect-failed", condition);
      assert.equal(backend.calls(), 1);
      assert.equal(exchange.lastError?.source, "forward-request");
      assert.equal(exchange.lastError?.path, "retry/forward-request");
    }
  });

  it("fails when the condition does", async () => {
    const outcome = await run(retry("response.json.missing == 1", 1), backendGiving(200));
    assert.equal(outcome?.kind === "refusal" && outcome.reason, "expression-failed");
  });

  it("reads the body of each attempt", async () => {
    const backend = backendGiving(200, 201);
    assert.equal(await run(retry('response.status == 200 && response.body == "{}"', 4), backend), undefined);
    assert.equal(backend.calls(), 2);
  });

  it("ends with the first answer of a policy inside", async () => {
    const inner = policies(policy("return-response", { status: 202 }));
    const node = policy("retry", { condition: cel("true"), count: 50, interval: 0, policies: inner });
    const outcome = await start([node], exchangeFor());
    assert.equal(outcome?.kind === "answer" && outcome.status, 202);
  });

  it("ends its wait when the client is gone", async () => {
    const backend = backendGiving(503);
    const exchange = exchangeFor();
    const node = retry("true", 1, { interval: 3_600_000 });
    const running = run(node, backend, exchange);
    await new Promise(setImmediate);
    exchange.aborted = true;
    exchange.cancellation?.abort();
    assert.equal((await running)?.kind, "refusal");
    assert.equal(backend.calls(), 1);
  });
});

describe("the wait between repetitions", () => {
  const waits = (args: Record<string, number | boolean>, random = 0.5): readonly number[] => {
    const node = policy("retry", { condition: true, count: 9, ...args });
    const wait = linkRetryWait(node, { now: () => 0, mono: () => 0 }, () => random);
    return [1, 2, 3, 4, 5].map((nth) => wait(exchangeFor(), nth));
  };

  it("stays, grows by a step, or doubles up to a bound", () => {
    assert.deepEqual(waits({ interval: 10 }), [10, 10, 10, 10, 10]);
    assert.deepEqual(waits({ interval: 10, delta: 5 }), [10, 15, 20, 25, 30]);
    assert.deepEqual(waits({ interval: 10, delta: 10, maxInterval: 100 }), [10, 20, 40, 80, 100]);
    assert.deepEqual(waits({ interval: 10, delta: 10, maxInterval: 100 }, 0).slice(0, 3), [10, 18, 34]);
    assert.deepEqual(waits({ interval: 10, firstFastRetry: true }), [0, 10, 10, 10, 10]);
  });
});
