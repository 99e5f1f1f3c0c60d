import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { connect as connectTls, createServer as createTlsServer } from "node:tls";
import { makeCa } from "./harness.test.ts";
import { lendReads } from "#wire/lend-reads.ts";

const memory = Buffer.alloc(64 * 1024);

/** A socket as a server gets it, and its other end. */
async function pair(server: Server, dialled: (port: number) => Socket, event: string): Promise<readonly Socket[]> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const far = dialled((server.address() as AddressInfo).port);
  const [near] = (await once(server, event)) as [Socket];
  return [near, far];
}

async function clear(body: (near: Socket, far: Socket) => Promise<void>): Promise<void> {
  const server = createServer({ allowHalfOpen: true });
  await runWith(server, (port) => connect(port, "127.0.0.1"), "connection", body);
}

async function secure(body: (near: Socket, far: Socket) => Promise<void>): Promise<void> {
  const { ca, remove } = await makeCa();
  try {
    const { chain, key } = await ca.issue(["api.test"]);
    const server = createTlsServer({ cert: chain, key, allowHalfOpen: true });
    const dialled = (port: number): Socket => connectTls({ port, host: "127.0.0.1", rejectUnauthorized: false });
    await runWith(server, dialled, "secureConnection", body);
  } finally {
    await remove();
  }
}

async function runWith(
  server: Server,
  dialled: (port: number) => Socket,
  event: string,
  body: (near: Socket, far: Socket) => Promise<void>,
): Promise<void> {
  const [near, far] = (await pair(server, dialled, event)) as [Socket, Socket];
  try {
    await body(near, far);
  } finally {
    near.destroy();
    far.destroy();
    server.close();
  }
}

for (const [name, withPair] of [
  ["clear", clear],
  ["TLS", secure],
] as const) {
  describe(`reads of a ${name} socket of a server that are lent`, () => {
    it("come whole and in order, then the end", () =>
      withPair(async (near, far) => {
        const pieces: Buffer[] = [];
        near.on("data", (piece: Buffer) => pieces.push(piece));
        const isLent = lendReads(near, memory, (bytes) => {
          pieces.push(Buffer.from(bytes));
          return true;
        });
        // What the runtime has inside may change; this one is the one that is shipped.
        assert.equal(isLent, true);
        const sent = Buffer.alloc(3_000_000, "0123456789");
        far.end(sent);
        await once(near, "end");
        assert.ok(Buffer.concat(pieces).equals(sent));
      }));

    it("may begin within what was read before, and go on as those of other sockets", () =>
      withPair(async (near, far) => {
        const heard: string[] = [];
        const hears = async (count: number): Promise<void> => {
          while (heard.length < count) await sleep(2);
        };
        let isTaken = true;
        near.on("data", (piece: Buffer) => {
          heard.push(piece.toString());
          if (heard.length > 1) return;
          lendReads(near, memory, (bytes) => {
            if (!isTaken) return near.push(Buffer.from(bytes));
            heard.push(`lent ${bytes.toString()}`);
            return true;
          });
        });
        far.write("one");
        await hears(1);
        far.write("two");
        await hears(2);
        isTaken = false;
        far.write("three");
        await hears(3);
        assert.deepEqual(heard, ["one", "lent two", "three"]);
      }));

    it("stop while the socket is paused", () =>
      withPair(async (near, far) => {
        let bytes = 0;
        near.on("data", () => {});
        lendReads(near, memory, (piece) => {
          bytes += piece.length;
          near.pause();
          return true;
        });
        far.write(Buffer.alloc(20_000_000));
        await sleep(100);
        const early = bytes;
        assert.ok(early > 0 && early < 1_000_000, `${early} while paused`);
        near.resume();
        while (bytes === early) await sleep(2);
      }));
  });
}

it("is left out where the runtime has no such places", () => {
  assert.equal(
    lendReads({} as Socket, memory, () => true),
    false,
  );
});
