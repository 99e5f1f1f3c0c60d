import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { after, before, describe, it } from "node:test";
import type { EgressRequest } from "#model/ports.ts";
import { createEgress } from "./egress-fetch.ts";

const clock = { now: () => Date.now(), mono: () => performance.now() };

describe("a fetch that somebody bounds", () => {
  const egress = createEgress({ clock, allow: [], ownAddresses: [] });
  let server: Server;
  let text: string;
  let connected: Socket;

  before(async () => {
    server = createServer((socket) => {
      connected = socket.on("error", () => {});
      socket.on("data", () => void socket.write(text));
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
  });
  after(() => {
    egress.close?.();
    server.close();
  });

  const request = (more: Partial<EgressRequest>): EgressRequest => ({
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    timeoutMs: 5000,
    maxBytes: 1000,
    declared: true,
    ...more,
  });

  it("asks before it keeps more, and ends where there is no room", async () => {
    text = "HTTP/1.1 200 Fine\r\nContent-Length: 5\r\n\r\nhello";
    const asked: number[] = [];
    const good = await egress.fetch(request({ admit: (bytes) => asked.push(bytes) > 0 }));
    assert.deepEqual([good.statusText, asked.reduce((sum, bytes) => sum + bytes, 0)], ["Fine", 5]);
    await assert.rejects(egress.fetch(request({ admit: () => false })), { code: "body-room-full" });
  });

  it("ends when it is called off, before and after it has begun, and lets its connection go", async () => {
    text = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe";
    const controller = new AbortController();
    const connection = once(server, "connection");
    const pending = assert.rejects(egress.fetch(request({ signal: controller.signal })), { code: "client-aborted" });
    await connection;
    const closed = once(connected, "close");
    controller.abort();
    await pending;
    await closed;
    await assert.rejects(egress.fetch(request({ signal: controller.signal })), { code: "client-aborted" });
  });
});
