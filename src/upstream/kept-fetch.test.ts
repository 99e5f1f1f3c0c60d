import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer, type Server } from "node:net";
import { describe, it } from "node:test";
import type { EgressRequest } from "#model/ports.ts";
import { createEgress } from "./egress-fetch.ts";

const clock = { now: () => Date.now(), mono: () => performance.now() };

/** Answers the first request of each connection, and drops the connection at its second. Says how many it answered. */
async function startForgetful(answered: string[]): Promise<Server> {
  const server = createServer((socket) => {
    let requests = 0;
    socket.on("error", () => {});
    socket.on("data", (chunk) => {
      requests += 1;
      if (requests > 1) return void socket.destroy();
      answered.push(String(chunk).split(" ", 1)[0] ?? "");
      return void socket.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return server.unref();
}

describe("a fetch that keeps its connection", () => {
  for (const [method, what] of [
    ["GET", "is asked again on a new connection when the kept one answers nothing"],
    ["POST", "fails rather than be sent twice"],
  ] as const) {
    it(`${method} ${what}`, async () => {
      const answered: string[] = [];
      const server = await startForgetful(answered);
      const egress = createEgress({ clock, allow: [], ownAddresses: [] });
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
      const request: EgressRequest = { url, method, timeoutMs: 5000, maxBytes: 10, declared: true, keepAlive: true };
      try {
        assert.equal((await egress.fetch(request)).status, 200);
        if (method === "GET") assert.equal((await egress.fetch(request)).status, 200);
        else await assert.rejects(egress.fetch(request), { code: "upstream-reset" });
        assert.deepEqual(answered, method === "GET" ? ["GET", "GET"] : ["POST"]);
      } finally {
        egress.close?.();
        server.close();
      }
    });
  }
});
