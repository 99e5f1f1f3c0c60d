import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { needsCommand } from "#test/support/require.ts";
import { tellServiceManager } from "./service-manager.ts";

/** Python stands in for systemd's end of the socket: Node opens none of that kind. */
const receiver = `
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
print("bound", flush=True)
s.settimeout(20)
print(s.recv(4096).decode(), flush=True)
`;

describe("telling systemd", () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "sallyport-notify-"));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("sends what sd_notify would", needsCommand("systemd-notify"), async () => {
    const socket = join(folder, "notify");
    const child = spawn("python3", ["-c", receiver, socket], { stdio: ["ignore", "pipe", "inherit"] });
    let heard = "";
    child.stdout.on("data", (chunk: Buffer) => {
      heard += chunk.toString();
    });
    const closed = once(child, "close");
    await once(child.stdout, "data");
    await tellServiceManager({ ...process.env, NOTIFY_SOCKET: socket }, "READY=1", "STATUS=sallyport ready at a place");
    await closed;
    assert.deepEqual(heard.trim().split("\n"), ["bound", "READY=1", "STATUS=sallyport ready at a place"]);
  });

  it("does nothing where nobody waits, and no harm where nobody hears", async () => {
    await tellServiceManager({ PATH: process.env["PATH"] }, "READY=1");
    await tellServiceManager({ PATH: process.env["PATH"], NOTIFY_SOCKET: join(folder, "nobody") }, "READY=1");
    await tellServiceManager({ PATH: folder, NOTIFY_SOCKET: join(folder, "nobody") }, "READY=1");
  });
});
