import assert from "node:assert/strict";
import { existsSync, mkdtempSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { Worker } from "node:worker_threads";
import { leaveDeadSocket } from "./dead-socket.test-helper.ts";
import { SharedSocket } from "./shared-socket.ts";

/** Accepts on the descriptor that it is given, and answers with its name. */
const program = `
const { parentPort, workerData } = require("node:worker_threads");
const server = require("node:net").createServer((socket) => socket.end(workerData.name));
server.listen({ fd: workerData.fd }, () => parentPort.postMessage("listening"));`;

async function startWorker(socket: SharedSocket, name: string): Promise<Worker> {
  const worker = new Worker(program, { eval: true, workerData: { name, fd: socket.share().fd } });
  await new Promise((resolve) => worker.once("message", resolve));
  return worker;
}

function ask(path: string): Promise<string> {
  return new Promise((resolve) => {
    let text = "";
    const socket = connect(path);
    socket.on("data", (chunk) => (text += chunk.toString()));
    socket.on("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? ""));
    socket.on("close", () => resolve(text));
  });
}

describe("a socket that workers share", () => {
  let folder = "";
  let path = "";
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "sallyport-shared-"));
    path = join(folder, "gateway.sock");
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it("has its mode, whatever the umask is", async () => {
    for (const mode of [0o600, 0o660, 0o222, 0o666]) {
      const before = process.umask(0o077);
      const socket = await SharedSocket.open({ path, mode });
      process.umask(before);
      assert.equal(statSync(path).mode & 0o777, mode);
      socket.close();
      assert.equal(existsSync(path), false);
    }
  });

  it("is accepted from by all, and outlives each of them", async () => {
    const socket = await SharedSocket.open({ path, mode: 0o600 });
    const early = ask(path);
    const workers = [await startWorker(socket, "one"), await startWorker(socket, "two")];
    assert.equal(await early, "one", "what came before the workers waited for the first of them");
    const answers = new Set<string>();
    for (let count = 0; count < 400 && answers.size < 2; count += 1) answers.add(await ask(path));
    assert.deepEqual([...answers].toSorted(), ["one", "two"]);
    await workers[0]?.terminate();
    for (let count = 0; count < 20; count += 1) assert.equal(await ask(path), "two");
    await workers[1]?.terminate();
    const waiting = ask(path);
    const third = await startWorker(socket, "three");
    assert.equal(await waiting, "three", "what came while there was no worker waited for the next");
    socket.close();
    assert.equal(await ask(path), "ENOENT");
    await third.terminate();
  });

  it("takes the place of a dead one", async () => {
    leaveDeadSocket(path);
    const socket = await SharedSocket.open({ path, mode: 0o600 });
    socket.check();
    socket.close();
  });

  it("is refused where somebody listens, also somebody whose workers have yet to start", async () => {
    const first = await SharedSocket.open({ path, mode: 0o600 });
    const inUse = { code: "port-in-use", message: /^cannot listen on unix:.*: another process listens there$/ };
    await assert.rejects(SharedSocket.open({ path, mode: 0o600 }), inUse);
    first.check();
    first.close();
  });

  it("says what else is in the way", async () => {
    writeFileSync(path, "mine");
    await assert.rejects(SharedSocket.open({ path, mode: 0o600 }), /no socket/);
    const missing = join(folder, "missing", "gateway.sock");
    await assert.rejects(SharedSocket.open({ path: missing, mode: 0o600 }), /its folder does not exist/);
  });

  it("notices that another one has its place, and leaves that one's file alone", async () => {
    const socket = await SharedSocket.open({ path, mode: 0o600 });
    const other = join(folder, "other.sock");
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(other, resolve));
    renameSync(other, path);
    assert.throws(() => socket.check(), { code: "port-in-use", message: /another process has taken its place/ });
    socket.close();
    assert.equal(existsSync(path), true);
    await new Promise((resolve) => server.close(resolve));
  });
});
