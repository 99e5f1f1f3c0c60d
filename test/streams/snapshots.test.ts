import assert from "node:assert/strict";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { WebSocket } from "ws";
import { type InsideGateway, startInsideGateway, until } from "#test/soak/support.ts";
import { startWebSocketUpstream, webSocketTo, type WebSocketUpstream } from "#test/support/web-socket.ts";

describe("definitions that were replaced", () => {
  let echo: WebSocketUpstream;
  let gateway: InsideGateway;

  const definition = (version: number): string => `version: 1
edge: { https: internal, listen: { https: "127.0.0.1:0", http: "127.0.0.1:0" } }
apis:
  chat: { path: /chat, backend: chat, access: public, policies: { inbound: [base, { set-header: { name: X-V, values: ["${version}"] } }] } }
backends: { chat: { url: "${echo.url}" } }
`;

  before(async () => {
    echo = await startWebSocketUpstream();
    gateway = await startInsideGateway({ definition: definition(0) }, 1);
  });
  after(async () => {
    await gateway.cleanUp();
    echo.close();
  });

  /** Linked definitions that the worker holds, after a full collection. */
  async function linked(): Promise<number> {
    return (await gateway.heaps()).get("sallyport-0")?.linked ?? -1;
  }

  it("are kept as long as a WebSocket that began under them, and no longer", async () => {
    const sockets: WebSocket[] = [];
    for (let version = 1; version <= 4; version += 1) {
      const socket = webSocketTo(gateway, "/chat/room");
      sockets.push(socket);
      await once(socket, "open");
      writeFileSync(join(gateway.folder, "sallyport.yaml"), definition(version));
      await until("reloaded", () => gateway.output().split('"reloaded"').length === version + 1);
    }
    assert.equal(await linked(), 5);
    for (const socket of sockets.splice(0, 2)) socket.terminate();
    await until("two are let go", async () => (await linked()) === 3);
    for (const socket of sockets) socket.terminate();
    await until("all but the one in force are let go", async () => (await linked()) === 1);
  });
});
