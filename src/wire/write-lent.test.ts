import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { describe, it } from "node:test";
import { LentWriter, writeLent } from "./write-lent.ts";

/** A connection whose other end reads nothing before it is told to. */
async function connected(body: (near: Socket, far: Socket) => Promise<void>): Promise<void> {
  const server = createServer({ pauseOnConnect: true });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const near = connect((server.address() as AddressInfo).port, "127.0.0.1");
  const [far] = (await once(server, "connection")) as [Socket];
  try {
    await body(near, far);
  } finally {
    near.destroy();
    far.destroy();
    server.close();
  }
}

async function received(far: Socket): Promise<Buffer> {
  const pieces: Buffer[] = [];
  far.on("data", (piece: Buffer) => pieces.push(piece));
  far.resume();
  await once(far, "end");
  return Buffer.concat(pieces);
}

describe("writing what is lent", () => {
  it("has taken all of it when it returns, also what the system has no room for yet", () =>
    connected(async (near, far) => {
      const lent = Buffer.alloc(64 * 1024);
      for (let piece = 0; piece < 200; piece += 1) {
        lent.fill(piece);
        writeLent(near, "<", lent, ">");
        lent.fill(255);
      }
      near.end();
      const all = await received(far);
      const whole = lent.length + 2;
      assert.equal(all.length, 200 * whole);
      for (let piece = 0; piece < 200; piece += 1) {
        const one = all.subarray(piece * whole, (piece + 1) * whole);
        assert.ok(one[0] === 60 && one[whole - 1] === 62);
        assert.ok(
          one.subarray(1, -1).every((byte) => byte === piece),
          `piece ${piece}`,
        );
      }
    }));

  it("writes pieces of any size, and says when to wait", () =>
    connected(async (near, far) => {
      const huge = Buffer.alloc(3_000_000, "x");
      assert.equal(writeLent(near, "", huge, ""), false);
      writeLent(near, "", Buffer.from("end"), "");
      near.end();
      const all = await received(far);
      assert.equal(all.length, huge.length + 3);
      assert.equal(all.toString("latin1", huge.length), "end");
    }));

  it("uses no memory again that a write that failed may still have", () =>
    connected(async (near, far) => {
      const lent = Buffer.alloc(64 * 1024, 1);
      for (let piece = 0; piece < 50; piece += 1) writeLent(near, "", lent, "");
      near.on("error", () => {});
      near.destroy();
      await once(near, "close");
      await connected(async (other, end) => {
        for (let piece = 0; piece < 50; piece += 1) writeLent(other, "", lent.fill(2), "");
        other.end();
        assert.ok((await received(end)).every((byte) => byte === 2));
      });
      far.resume();
    }));

  it("gathers what comes in one turn, in order with what is written by other means", () =>
    connected(async (near, far) => {
      const writer = new LentWriter(near);
      const lent = Buffer.alloc(16_384);
      let expected = 0;
      for (let piece = 0; piece < 300; piece += 1) {
        const length = (piece * 7919) % lent.length;
        writer.write(lent.subarray(0, length).fill(piece));
        lent.fill(255);
        expected += length;
        if (piece % 50 === 49) {
          writer.flush();
          near.write(Buffer.alloc(1, 77));
          expected += 1;
        }
        if (piece % 40 === 39) await new Promise(setImmediate);
      }
      await new Promise(setImmediate);
      near.end();
      const all = await received(far);
      assert.equal(all.length, expected);
      let at = 0;
      for (let piece = 0; piece < 300; piece += 1) {
        const length = (piece * 7919) % lent.length;
        assert.ok(
          all.subarray(at, at + length).every((byte) => byte === piece % 256),
          `piece ${piece}`,
        );
        at += length;
        if (piece % 50 !== 49) continue;
        assert.equal(all[at], 77);
        at += 1;
      }
    }));

  it("has its writer wait for a reader that takes nothing, and tells when it goes on", () =>
    connected(async (near, far) => {
      const writer = new LentWriter(near);
      const lent = Buffer.alloc(16_384);
      let bytes = 0;
      while (writer.write(lent) && bytes < 100_000_000) {
        bytes += lent.length;
        if (bytes % (lent.length * 4) === 0) await new Promise(setImmediate);
      }
      assert.ok(bytes < 100_000_000, "back-pressure never came");
      assert.ok(near.writableLength < 512 * 1024, `${near.writableLength} in memory`);
      far.resume();
      await once(near, "drain");
      assert.equal(writer.write(lent), true);
    }));
});
