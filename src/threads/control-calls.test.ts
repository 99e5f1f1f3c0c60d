import assert from "node:assert/strict";
import { once } from "node:events";
import { describe, test, type TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { isMainThread, MessageChannel, Worker, workerData, type MessagePort } from "node:worker_threads";
import { GatewayError } from "#model/errors.ts";
import {
  createControlClient,
  serveControlCalls,
  type ControlClient,
  type ControlClientOptions,
} from "./control-calls.ts";

interface Calls {
  readonly double: { readonly request: number; readonly response: number };
  readonly refuse: { readonly request: null; readonly response: null };
  readonly crash: { readonly request: null; readonly response: null };
  readonly hang: { readonly request: unknown; readonly response: null };
  readonly opaque: { readonly request: null; readonly response: unknown };
}

interface Pair {
  readonly client: ControlClient<Calls>;
  readonly server: MessagePort;
  readonly errors: unknown[];
}

function pair(t: TestContext, options?: ControlClientOptions): Pair {
  const { port1, port2 } = new MessageChannel();
  const errors: unknown[] = [];
  serve(port2, errors);
  t.after(() => port2.close());
  return { client: createControlClient<Calls>(port1, options), server: port2, errors };
}

function serve(port: MessagePort, errors: unknown[] = []): void {
  serveControlCalls<Calls>(
    port,
    {
      double: (value) => value * 2,
      refuse: () => Promise.reject(new GatewayError("store-conflict", 409, "taken", { source: "store", expose: true })),
      crash: () => {
        throw new Error("password=hunter2");
      },
      hang: () => new Promise(() => {}),
      opaque: () => () => 1,
    },
    (name, error) => errors.push(name, error),
  );
}

if (!isMainThread) serve(workerData as MessagePort);
else
  describe("control calls", () => {
    test("answers come to the call they belong to, from another thread", async () => {
      const { port1, port2 } = new MessageChannel();
      const worker = new Worker(new URL(import.meta.url), { workerData: port2, transferList: [port2] });
      const client = createControlClient<Calls>(port1);
      const answers = await Promise.all([1, 2, 3].map((value) => client.call("double", value)));
      assert.deepEqual(answers, [2, 4, 6]);
      const lost = assert.rejects(client.call("hang", null), { code: "control-call-failed" });
      await worker.terminate();
      await lost;
      await assert.rejects(client.call("double", 1), { code: "control-call-failed" });
    });

    test("a handler's GatewayError arrives whole", async (t) => {
      const { client } = pair(t);
      await assert.rejects(client.call("refuse", null), (error: GatewayError) => {
        assert.ok(error instanceof GatewayError);
        const { code, status, message, source, expose } = error;
        assert.deepEqual([code, status, message, source, expose], ["store-conflict", 409, "taken", "store", true]);
        return true;
      });
    });

    test("any other error keeps its words to the server's log", async (t) => {
      const { client, errors } = pair(t);
      await assert.rejects(client.call("crash", null), (error: GatewayError) => {
        assert.equal(error.code, "internal");
        assert.ok(!error.message.includes("hunter2"));
        return true;
      });
      assert.equal(errors[0], "crash");
      assert.match(String(errors[1]), /hunter2/);
    });

    test("the deadline passes: refused, and the place is free again", async (t) => {
      const { client } = pair(t, { deadlineMs: 20, maxOutstanding: 1 });
      await assert.rejects(client.call("hang", null), { code: "control-call-failed" });
      assert.equal(client.outstanding, 0);
      assert.equal(await client.call("double", 4, 5000), 8);
    });

    test("too many at once: refused, not queued", async (t) => {
      const { client } = pair(t, { maxOutstanding: 2 });
      const waiting = [client.call("hang", 1), client.call("hang", 2)];
      await assert.rejects(client.call("double", 1), /too many/);
      assert.equal(client.outstanding, 2);
      client.close();
      for (const call of waiting) await assert.rejects(call, { code: "control-call-failed" });
    });

    test("the other end closes: what waits fails, what comes later too", async (t) => {
      const { client, server } = pair(t);
      const call = assert.rejects(client.call("hang", null), { code: "control-call-failed" });
      await sleep(5);
      server.close();
      await call;
      await assert.rejects(client.call("double", 1), /closed/);
    });

    test("unknown names and what cannot be cloned fail alone", async (t) => {
      const { client } = pair(t);
      await assert.rejects(client.call("toString" as "double", 1), /unknown/);
      await assert.rejects(
        client.call("hang", () => 1),
        /cannot be sent/,
      );
      await assert.rejects(client.call("opaque", null), { code: "internal" });
      assert.equal(client.outstanding, 0);
      assert.equal(await client.call("double", 2), 4);
    });

    test("foreign and stray messages are ignored", async (t) => {
      const { client, server } = pair(t);
      for (const stray of [null, 1, "x", {}, { reply: 77, response: 1 }, { reply: "1" }]) server.postMessage(stray, []);
      assert.equal(await client.call("double", 2), 4);
    });

    test("an idle client lets its thread end", async () => {
      const { port1 } = new MessageChannel();
      const code = `import { workerData } from "node:worker_threads";
        const { createControlClient } = await import(${JSON.stringify(new URL("./control-calls.ts", import.meta.url).href)});
        createControlClient(workerData);`;
      const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(code)}`), {
        workerData: port1,
        transferList: [port1],
      });
      assert.deepEqual(await once(worker, "exit"), [0]);
    });
  });
