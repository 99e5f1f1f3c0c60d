import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { JsonLog } from "./log.ts";
import { pack } from "#threads/packed/pack.ts";
import type { ToWorker, WorkerStart } from "./messages.ts";
import { createWorkerPool, type WorkerPool } from "./worker-pool.ts";
import { WorkerReserve } from "./worker-reserve.ts";

/** Real threads of the pool, which run a small stand-in for the data plane: see the helper for what it does. */
const entry = new URL("stand-in-worker.test-helper.ts", import.meta.url);
const snapshot = (hash: string): ToWorker => ({ type: "snapshot", snapshot: pack({ hash }) });

describe("the worker pool", () => {
  const logged: string[] = [];
  const deaths: [number, boolean][] = [];
  let restarts = 0;
  let pool: WorkerPool;
  before(async () => {
    const line = (message: string, fields?: object): void =>
      void logged.push(`${message} ${JSON.stringify(fields ?? {})}`);
    const log: JsonLog = { info: line, warn: line, error: line, write: (_, message) => line(message) };
    let generations = 0;
    pool = createWorkerPool({
      count: 2,
      log,
      reserve: new WorkerReserve(entry),
      startData: (index, generation, control) =>
        ({
          index,
          generation,
          control,
          analytics: new MessageChannel().port2,
          telemetry: new MessageChannel().port2,
        }) as unknown as WorkerStart,
      serve: () => {},
      nextGeneration: () => (generations += 1),
      onDeath: (generation, crashed) => void deaths.push([generation, crashed]),
      onRequests: () => {},
      onClientIssuer: () => {},
      onConnectionsEnded: () => {},
      onUserSeen: () => {},
      onEmitted: () => {},
      onCacheProblems: () => {},
      onShadow: () => {},
      onTrace: () => {},
      onRestart: () => void (restarts += 1),
    });
    await pool.start();
  });
  after(() => pool.drain(100));

  const until = async (holds: () => boolean): Promise<void> => {
    for (let left = 400; left > 0 && !holds(); left -= 1) await sleep(20);
    assert.ok(holds(), logged.join("\n"));
  };

  it("gives each question its own answer, in whatever order they come", async () => {
    const ended: string[] = [];
    const ask = (hash: string): Promise<unknown> => pool.broadcast(snapshot(hash)).then(() => ended.push(hash));
    await Promise.all([ask("after 200"), ask("after 10"), ask("after 100")]);
    assert.deepEqual(ended, ["after 10", "after 100", "after 200"]);
  });

  it("lets a question that fails fail alone", async () => {
    const [slow, failing] = await Promise.allSettled([
      pool.broadcast(snapshot("after 60")),
      pool.broadcast(snapshot("fails")),
    ]);
    assert.deepEqual([slow.status, failing.status], ["fulfilled", "rejected"]);
    assert.match(String((failing as PromiseRejectedResult).reason), /this one fails/);
  });

  it("logs what fails though nobody waits", async () => {
    pool.tell(snapshot("fails"));
    await until(() => logged.some((line) => line.includes("this one fails")));
  });

  it("gathers the answers that come in time", async () => {
    assert.equal((await pool.gather({ type: "target-status" }, 5000)).length, 2);
    await pool.broadcast(snapshot("worker 1 is silent"));
    const answers = await pool.gather({ type: "target-status" }, 100);
    assert.deepEqual(
      answers.map((statuses) => statuses[0]?.backend),
      ["worker 0"],
    );
    assert.ok(logged.some((line) => line.includes('did not answer \\"target-status\\" within 100 ms')));
  });

  it("replaces a worker that ends, and does not wait for one that is gone", async () => {
    await assert.rejects(pool.broadcast(snapshot("worker 1 ends")), /ended with code 7/);
    assert.deepEqual([pool.listening, deaths], [1, [[2, true]]]);
    await pool.broadcast(snapshot("after 0"));
    await until(() => pool.listening === 2);
    assert.equal(restarts, 1);
    assert.equal((await pool.gather({ type: "target-status" }, 5000)).length, 2);
  });

  it("takes nobody for crashed who drained, however late that is heard of", async () => {
    deaths.length = 0;
    const drained = pool.drain(1000);
    // The threads have ended before this one looks at what they said.
    const end = performance.now() + 200;
    while (performance.now() < end);
    await drained;
    assert.deepEqual(
      deaths.map(([, crashed]) => crashed),
      [false, false],
    );
  });
});
