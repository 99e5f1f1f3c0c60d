import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, it } from "node:test";
import { Worker } from "node:worker_threads";
import type { GatewayError } from "#model/errors.ts";
import { connectStore, openStore } from "./storage-client.ts";
import { created, digest, storeContract } from "./store-contract.test-helper.ts";
import { temporaryFolder } from "./temporary-folder.test-helper.ts";

const folder = temporaryFolder();
let files = 0;

function newPath(): string {
  return join(folder, `store-${files++}.db`);
}

const unavailable = { name: "GatewayError", code: "store-unavailable", status: 503, retryable: true };

storeContract("SQLite on the storage thread", () => openStore(newPath()));

describe("storage thread", () => {
  it("answers what was asked before closing, and nothing after", async () => {
    const path = newPath();
    const store = await openStore(path);
    const asked = Array.from({ length: 20 }, () => store.quotas.lease("q", 0, 1, 100));
    const closed = store.close();
    const late = assert.rejects(store.quotas.lease("q", 0, 1, 100), unavailable);
    assert.equal((await Promise.all(asked)).at(-1)?.leased, 20);
    await Promise.all([closed, late, store.close()]);
    const again = await openStore(path);
    assert.equal((await again.quotas.lease("q", 0, 1, 100)).leased, 21);
    await again.close();
  });

  it("rejects at the deadline and when too many wait, and recovers", async () => {
    const path = newPath();
    const store = await openStore(path, { deadlineMs: 50, maxPending: 2 });
    const other = new DatabaseSync(path);
    // While another process holds the lock the thread waits inside SQLite, for 2 s: far beyond the deadline.
    other.exec("BEGIN IMMEDIATE");
    const asked = [store.quotas.lease("q", 0, 1, 9), store.quotas.lease("q", 0, 1, 9)];
    await assert.rejects(store.quotas.lease("q", 0, 1, 9), { ...unavailable, message: /too many/ });
    for (const one of asked) await assert.rejects(one, { ...unavailable, message: /50 ms/ });
    await assert.rejects(store.quotas.lease("q", 0, 1, 9), { message: /too many/ }, "late calls still take up room");
    other.exec("ROLLBACK");
    other.close();
    assert.ok((await eventually(() => store.quotas.lease("q", 0, 1, 9))).leased > 0);
    await store.close();
  });

  it("an argument that cannot be sent fails its own call only", async () => {
    const store = await openStore(":memory:", { maxPending: 1 });
    const unsendable = { ...created("a", 1), name: (() => "a") as unknown as string };
    await assert.rejects(store.subscriptions.create(unsendable), { name: "DataCloneError" });
    await store.subscriptions.create(created("a", 1));
    assert.deepEqual((await store.subscriptions.keys({ after: null, limit: 1 }))[0]?.digest, digest(1));
    await store.close();
  });

  it("says why a store cannot be opened", async () => {
    const path = newPath();
    writeFileSync(path, "no database at all, but long enough to be looked at".repeat(50));
    await assert.rejects(openStore(path), { name: "GatewayError", code: "store-corrupt" });
    await assert.rejects(openStore(join(folder, "missing", "x.db")), { code: "store-unavailable" });
    await assert.rejects(connectStore(new Worker("process.exit(3)", { eval: true })), { code: "store-unavailable" });
  });

  it("that dies rejects what waits and what comes, and reports it once", async () => {
    const source = `const { parentPort } = require("node:worker_threads");
      parentPort.once("message", () => { throw new Error("disk on fire"); });
      parentPort.postMessage({ type: "ready" });`;
    const lost: GatewayError[] = [];
    const worker = new Worker(source, { eval: true });
    const store = await connectStore(worker, { onLost: (error) => lost.push(error) });
    await assert.rejects(store.quotas.lease("q", 0, 1, 1), unavailable);
    await assert.rejects(store.subscriptions.get("a"), unavailable);
    assert.equal(lost.length, 1);
    assert.match(String(lost[0]?.cause), /disk on fire/);
    await store.close();
  });
});

async function eventually<T>(work: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}
