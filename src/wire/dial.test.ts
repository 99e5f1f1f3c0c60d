import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import { type AddressInfo, connect, type LookupFunction, type Socket } from "node:net";
import { platform } from "node:os";
import { after, before, describe, it } from "node:test";
import { dial, readyEvent, type Target } from "./dial.ts";

const [hole, good, refusing] = ["127.0.0.2", "127.0.0.3", "127.0.0.4"];

/** Says no more than where it listens, so that its process can be stopped before anybody connects. */
const listener = `const s = require("node:net").createServer();
s.listen({ port: 0, host: "${hole}", backlog: 1 }, () => console.log(s.address().port));`;

/** An address whose packets go nowhere: the queue of a listener that nobody takes from is full, and the system drops the rest. */
async function openBlackHole(): Promise<{ port: number; close: () => void }> {
  const child = spawn(process.execPath, ["-e", listener], { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = (await once(child.stdout, "data")) as [Buffer];
  child.kill("SIGSTOP");
  const port = Number(line);
  const fillers: Socket[] = [];
  for (let isFull = false; !isFull && fillers.length < 20;) {
    const socket = connect(port, hole);
    socket.on("error", () => {});
    fillers.push(socket);
    const connected = once(socket, "connect").then(() => true);
    const late = new Promise<boolean>((resolve) => setTimeout(resolve, 200, false));
    isFull = !(await Promise.race([connected, late]));
  }
  return {
    port,
    close: () => {
      for (const socket of fillers) socket.destroy();
      child.kill("SIGKILL");
    },
  };
}

describe("a name with several addresses", { skip: platform() === "linux" ? false : "needs all of 127/8" }, () => {
  let blackHole: { port: number; close: () => void };
  const server = createServer((_request, response) => response.end("here"));
  let port = 0;

  before(async () => {
    blackHole = await openBlackHole();
    ({ port } = blackHole);
    server.listen(port, good);
    await once(server, "listening");
    assert.equal((server.address() as AddressInfo).port, port);
  });
  after(() => {
    server.close();
    blackHole.close();
  });

  /** @returns who answered, when, and what it said to whoever reads */
  async function reach(
    addresses: readonly string[],
    shared: boolean,
  ): Promise<[peer: string, ms: number, text: string]> {
    const lookup: LookupFunction = (_name, _options, done) =>
      done(
        null,
        addresses.map((address) => ({ address, family: 4 })),
      );
    const target: Target = { host: "several.test", port, tls: null, lookup };
    let text = "";
    const heard = Promise.withResolvers<void>();
    const read = (bytes: Buffer): void => {
      text += bytes.toString("latin1");
      if (text.endsWith("here")) heard.resolve();
    };
    const begun = performance.now();
    const socket = dial(target, { session: null, protocols: [], client: "", read: shared ? read : null });
    if (!shared) socket.on("data", read);
    await once(socket, readyEvent(target));
    const took = performance.now() - begun;
    socket.write("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    await heard.promise;
    const peer = socket.remoteAddress ?? "";
    socket.destroy();
    return [peer, took, text];
  }

  for (const shared of [true, false]) {
    const how = shared ? "read into the shared buffer" : "read by its owner";
    it(`is reached at the next one 300 ms after one that does not answer, ${how}`, async () => {
      const [peer, took, text] = await reach([hole, good], shared);
      assert.equal(peer, good);
      assert.ok(took >= 290 && took < 1200, `${Math.round(took)} ms`);
      assert.match(text, /^HTTP\/1.1 200 [^]*here$/);
    });
  }

  it("is reached at once where the first one answers, or refuses", async () => {
    for (const addresses of [
      [good, hole],
      [refusing, good],
    ]) {
      const [peer, took] = await reach(addresses, true);
      assert.equal(peer, good);
      assert.ok(took < 250, `${Math.round(took)} ms`);
    }
  });
});
