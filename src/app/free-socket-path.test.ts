import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { leaveDeadSocket } from "./dead-socket.test-helper.ts";
import { freeSocketPath } from "./free-socket-path.ts";

describe("a path for a socket", () => {
  let folder = "";
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "sallyport-free-"));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const listen = async (path: string): Promise<Server> => {
    const server = createServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => server.listen(path, resolve));
    return server;
  };

  it("is free where nothing stands", async () => {
    assert.equal(await freeSocketPath(join(folder, "none.sock")), null);
  });

  it("is cleared of what a killed process left, without a trace", async () => {
    const path = join(folder, "dead.sock");
    leaveDeadSocket(path);
    assert.equal(existsSync(path), true);
    assert.equal(await freeSocketPath(path), null);
    assert.deepEqual(readdirSync(folder), []);
  });

  it("is never taken from a live listener", async () => {
    const path = join(folder, "live.sock");
    const server = await listen(path);
    assert.equal(await freeSocketPath(path), "another process listens there");
    assert.equal(existsSync(path), true);
    await new Promise((resolve) => server.close(resolve));
  });

  it("keeps what is no socket", async () => {
    const path = join(folder, "file");
    writeFileSync(path, "mine");
    assert.match(String(await freeSocketPath(path)), /no socket/);
    assert.equal(readFileSync(path, "utf8"), "mine");
  });

  it("keeps a socket that it may not ask", { skip: process.getuid?.() === 0 && "root may ask everybody" }, async () => {
    const path = join(folder, "closed.sock");
    const server = await listen(path);
    chmodSync(path, 0);
    assert.match(String(await freeSocketPath(path)), /cannot be told \(EACCES\)/);
    await new Promise((resolve) => server.close(resolve));
  });

  it("is one starter's when two find the same dead socket", async () => {
    const path = join(folder, "race.sock");
    for (let round = 0; round < 20; round += 1) {
      leaveDeadSocket(path);
      const servers: Server[] = [];
      const starter = async (): Promise<void> => {
        if ((await freeSocketPath(path)) !== null) return;
        const server = createServer((socket) => socket.destroy());
        await new Promise<void>((resolve) => {
          server.once("error", () => resolve());
          server.listen(path, () => {
            servers.push(server);
            resolve();
          });
        });
      };
      await Promise.all([starter(), starter()]);
      assert.equal(servers.length, 1, `round ${round}`);
      assert.equal(await freeSocketPath(path), "another process listens there");
      await new Promise((resolve) => servers[0]?.close(resolve));
    }
  });
});
