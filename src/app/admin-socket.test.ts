import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { leaveDeadSocket } from "./dead-socket.test-helper.ts";
import { adminSocketPath, clearSocketPath } from "./admin-socket.ts";

describe("the admin socket's place", () => {
  let folder = "";
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "sallyport-socket-"));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("is in the data folder, in the shorter spelling", () => {
    assert.equal(adminSocketPath(join(process.cwd(), "data")), join("data", "admin.sock"));
    // Near nothing: the folder of the other tests may lie beside a checkout.
    assert.equal(adminSocketPath("/far"), "/far/admin.sock");
  });

  it("is cleared of what a killed gateway left, and of nothing else", async () => {
    const path = join(folder, "admin.sock");
    await clearSocketPath(path);
    leaveDeadSocket(path);
    await clearSocketPath(path);
    assert.equal(existsSync(path), false);
    writeFileSync(path, "mine");
    await assert.rejects(clearSocketPath(path), /it is no socket/);
    assert.equal(readFileSync(path, "utf8"), "mine");
  });

  it("is not taken from whoever listens on it", async () => {
    const path = join(folder, "live.sock");
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(path, resolve));
    await assert.rejects(clearSocketPath(path), /another process listens there/);
    assert.equal(existsSync(path), true);
    await new Promise((resolve) => server.close(resolve));
  });

  it("is refused when no socket can have that path", async () => {
    await assert.rejects(clearSocketPath(join(folder, "x".repeat(120), "admin.sock")), /longer than 103 bytes/);
  });
});
