import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isMainThread, parentPort } from "node:worker_threads";
import { GatewayError } from "#model/errors.ts";
import { serveTransforms } from "./serve-transforms.ts";
import { TransformPool, type TransformPoolOptions } from "./transform-pool.ts";

/** In a thread: what jobs do. */
const seen: unknown[] = [];
const jobs: Readonly<Record<string, (request: unknown, asset: unknown) => unknown>> = {
  echo: (request) => request,
  count: (request) => (seen.push(request), seen.length),
  asset: (_request, asset) => {
    if (asset !== undefined) seen.push(asset);
    return { asset, before: seen.filter((one) => one === asset).length };
  },
  spin: () => {
    for (;;);
  },
  hoard: () => {
    for (const all: unknown[] = []; ;) all.push(Array.from({ length: 10_000 }, (_, at) => ({ at })));
  },
  refuse: () => {
    throw new GatewayError("expression-failed", 500, "the body is no JSON");
  },
  fail: () => {
    throw new Error("<secret/>");
  },
};

if (!isMainThread && parentPort !== null)
  serveTransforms(parentPort, (name, request, asset) => jobs[name]?.(request, asset));
else suite();

function suite(): void {
  const stopped: (readonly [string, string])[] = [];
  function pool(some: Partial<TransformPoolOptions> = {}): TransformPool {
    return new TransformPool({
      entry: new URL(import.meta.url),
      maxThreads: 1,
      maxWaiting: 2,
      patienceMs: 5000,
      memoryMiB: 32,
      onStopped: (job, why) => void stopped.push([job, why]),
      ...some,
    });
  }
  const job = (name: string, request: unknown = null, limitMs: number = 5000) => ({ name, request, limitMs });
  const fails = (code: string, message: RegExp) => (error: unknown) => {
    assert.ok(error instanceof GatewayError);
    assert.deepEqual([error.code, message.test(error.message)], [code, true], error.message);
    return true;
  };

  describe("the transform pool", () => {
    it("begins with the first job, and gives bytes over without copying them", async () => {
      const one = pool();
      assert.equal(one.threads, 0);
      const body = new Uint8Array([1, 2, 3]);
      assert.deepEqual(await one.run(job("echo", { body })), { body: new Uint8Array([1, 2, 3]) });
      assert.equal(body.byteLength, 0, "it went over");
      assert.equal(one.threads, 1);
    });

    it("stops a job that takes too long with its thread, and goes on with another", async () => {
      const one = pool();
      assert.equal(await one.run(job("count")), 1);
      const endless = assert.rejects(one.run(job("spin", null, 300)), fails("transform-stopped", /longer than 300 ms/));
      const next = one.run(job("count"));
      await endless;
      assert.equal(await next, 1, "a new thread knows nothing of the one before");
      assert.deepEqual(stopped.splice(0), [["spin", "it took longer than 300 ms"]]);
    });

    it("stops a job that takes too much memory", async () => {
      const one = pool();
      await assert.rejects(one.run(job("hoard", null, 30_000)), fails("transform-stopped", /too much memory/));
      assert.equal(await one.run(job("echo", "well")), "well");
      stopped.length = 0;
    });

    it("refuses more than may wait, and what has waited too long", async () => {
      const one = pool({ patienceMs: 200, maxWaiting: 1 });
      const running = assert.rejects(one.run(job("spin", null, 1500)), fails("transform-stopped", /longer/));
      const waiting = assert.rejects(one.run(job("echo")), fails("transform-busy", /no thread was free in time/));
      await assert.rejects(one.run(job("echo")), fails("transform-busy", /too many/));
      await Promise.all([running, waiting]);
      stopped.length = 0;
    });

    it("has as many threads as it may have", async () => {
      const one = pool({ maxThreads: 2 });
      await Promise.all([one.run(job("echo")), one.run(job("echo")), one.run(job("echo"))]);
      assert.equal(one.threads, 2);
    });

    it("tells what the job says, and of other errors nothing", async () => {
      const one = pool();
      await assert.rejects(one.run(job("refuse")), fails("expression-failed", /^the body is no JSON$/));
      await assert.rejects(one.run(job("fail")), fails("internal", /^(?!.*secret)/));
      await assert.rejects(one.run(job("echo", () => {})), fails("internal", /cannot be sent/));
      assert.equal(await one.run(job("echo", 1)), 1);
    });

    it("sends what many jobs share once, and never one for another", async () => {
      const one = pool();
      const ask = (key: string, value: unknown): Promise<unknown> =>
        one.run({ ...job("asset"), asset: { key, value } });
      const first = { version: 1 };
      assert.deepEqual(await ask("a", first), { asset: first, before: 1 });
      assert.deepEqual(await ask("a", first), { asset: first, before: 2 }, "the same object as before");
      assert.deepEqual(await ask("b", { version: 2 }), { asset: { version: 2 }, before: 1 });
      assert.deepEqual(await one.run(job("asset")), { asset: undefined, before: 0 }, "a job without one has none");
      for (let at = 0; at < 70; at += 1) await ask(`more ${at}`, at);
      assert.deepEqual(
        await ask("a", first),
        { asset: first, before: 1 },
        "another thread has taken over, which had none",
      );
    });

    it("fails what runs and what waits when it is closed", async () => {
      const one = pool();
      const all = [one.run(job("spin")), one.run(job("echo"))].map((run) => assert.rejects(run, /is stopping/));
      await one.close();
      await Promise.all(all);
      await assert.rejects(one.run(job("echo")), fails("transform-busy", /any more/));
      assert.equal(one.threads, 0);
    });
  });
}
