import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { after, before, describe, it } from "node:test";
import { startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import { askRaw } from "./raw-client.ts";
import { valuesOf } from "./strict-origin.ts";

/** Judged by the bytes on both sides: a library would add a User-Agent, or join fields, of its own. */
describe("a message says which gateway it came through, and nothing that its sender did not say", () => {
  let gateway: TestGateway;
  let server: Server;
  let received = "";
  const sockets = new Set<Socket>();

  before(async () => {
    server = createServer((socket) => {
      sockets.add(socket);
      socket.on("error", () => {});
      socket.on("data", (chunk: Buffer) => {
        received += chunk.toString("latin1");
        if (received.endsWith("\r\n\r\n")) {
          socket.write("HTTP/1.1 200 OK\r\nVia: 1.0 inner\r\nContent-Length: 2\r\n\r\nok");
        }
      });
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    gateway = await startTestGateway({
      definition: `version: 1
edge: { https: "off", listen: { http: "127.0.0.1:0" } }
apis: { open: { path: /open, backend: up, access: public } }
backends: { up: { url: "http://127.0.0.1:${(server.address() as AddressInfo).port}" } }
`,
      args: ["--workers", "1"],
    });
  });
  after(async () => {
    await gateway?.cleanUp();
    for (const socket of sockets) socket.destroy();
    server.close();
  });

  async function ask(fields: readonly string[]): Promise<{ sent: string[]; answered: readonly string[] }> {
    received = "";
    const { status, fields: answered } = await askRaw(gateway, "/open", fields);
    assert.equal(status, 200);
    const lines = received.trimEnd().split("\r\n").slice(1);
    return {
      sent: lines.flatMap((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 2)]),
      answered,
    };
  }

  it("Via grows by one in either direction, behind what was there", async () => {
    const { sent, answered } = await ask(["Via: 1.1 outer"]);
    assert.equal(valuesOf(sent, "via").join(", "), "1.1 outer, 1.1 sallyport");
    assert.equal(valuesOf(answered, "via").join(", "), "1.0 inner, 1.1 sallyport");
  });

  it("Via is written where there was none", async () => {
    assert.deepEqual(valuesOf((await ask([])).sent, "via"), ["1.1 sallyport"]);
  });

  it("a missing User-Agent stays missing, and one that was sent goes on as it is", async () => {
    assert.deepEqual(valuesOf((await ask([])).sent, "user-agent"), []);
    assert.deepEqual(valuesOf((await ask(["User-Agent: curl/8 (x)"])).sent, "user-agent"), ["curl/8 (x)"]);
  });
});
