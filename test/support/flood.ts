import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { openRaw } from "#test/security/raw-client.ts";
import type { TestGateway } from "./gateway.ts";

/** Resident memory of the gateway's process, in MiB. Linux alone tells it. */
export function residentOf(gateway: TestGateway): number {
  const status = readFileSync(`/proc/${gateway.process.pid}/status`, "utf8");
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024;
}

/** Sends so many requests, pipelined over four connections. @returns how many had each status */
export async function flood(
  gateway: TestGateway,
  count: number,
  make: (at: number) => string,
): Promise<Record<string, number>> {
  const statuses: Record<string, number> = {};
  const lane = async (first: number): Promise<void> => {
    const socket = await openRaw(gateway);
    let answered = 0;
    let rest = "";
    const waiting: { wanted: number; done: () => void } = { wanted: 0, done: () => {} };
    socket.on("data", (chunk: Buffer) => {
      const text = rest + chunk.toString("latin1");
      for (const [, status = ""] of text.matchAll(/HTTP\/1\.1 (\d{3})[^\r]*\r\n/g)) {
        statuses[status] = (statuses[status] ?? 0) + 1;
        answered += 1;
      }
      // A status line that is cut in two is found with the next piece, and none is found twice.
      const lineStart = text.lastIndexOf("\n") + 1;
      rest = text.slice(lineStart);
      if (answered >= waiting.wanted) waiting.done();
    });
    const closed = once(socket, "close").then(() => assert.fail("the gateway closed a connection"));
    closed.catch(() => {});
    for (let at = first; at < count; at += 4 * 25) {
      let bytes = "";
      for (let nth = at; nth < Math.min(count, at + 100); nth += 4) {
        bytes += make(nth);
        waiting.wanted += 1;
      }
      const done = new Promise<void>((resolve) => {
        waiting.done = resolve;
      });
      socket.write(bytes, "latin1");
      await Promise.race([done, closed]);
    }
    socket.destroy();
  };
  await Promise.all([0, 1, 2, 3].map(lane));
  return statuses;
}
