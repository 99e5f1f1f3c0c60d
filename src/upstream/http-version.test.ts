import assert from "node:assert/strict";
import { createServer as createHttp } from "node:http";
import { createSecureServer, createServer as createHttp2 } from "node:http2";
import { createServer as createHttps } from "node:https";
import { connect, type Server, type Socket } from "node:net";
import { after, afterEach, before, describe, it } from "node:test";
import type { Backend } from "#model/definition.ts";
import type { HttpVersion } from "#model/exchange.ts";
import type { ProxyDestination } from "#model/ports.ts";
import { opensslAbsent, TestCa } from "./certificates.test-helper.ts";
import type { Forwarder } from "./forward.ts";
import { backend, Cleanup, exchange, forwarder, isCode, listen, send, text } from "./forwarding.test-helper.ts";

const cleanup = new Cleanup();
let ca: TestCa;

before(() => {
  if (opensslAbsent === false) ca = new TestCa();
});
after(() => ca?.remove());
afterEach(() => cleanup.run());

interface Asked {
  readonly httpVersionMajor: number;
}
const say = ({ httpVersionMajor }: Asked, response: { end(body: string): unknown }): void =>
  void response.end(String(httpVersionMajor));

async function counted(server: Server): Promise<{ readonly port: number; connections(): number }> {
  let count = 0;
  server.on("connection", () => (count += 1));
  server.on("sessionError", () => {});
  return { port: await listen(server, cleanup), connections: () => count };
}

const tls = (): { cert: string; key: string } => ca.issue("DNS:localhost");

function via(url: string, more: Partial<Backend> = {}): Forwarder {
  return forwarder(cleanup, { backends: [backend([url], more)] });
}

async function ask(by: Forwarder, version: HttpVersion | null, proxy: ProxyDestination | null = null): Promise<string> {
  const made = exchange();
  made.request.httpVersion = version;
  made.request.proxy = proxy;
  return text(await send(by, made));
}

describe("the version of HTTP that a policy asks for", () => {
  it("is what the backend chooses by ALPN, over TLS", { skip: opensslAbsent }, async () => {
    const { port } = await counted(createSecureServer({ ...tls(), allowHTTP1: true }, say));
    for (const protocol of ["http/1.1", "auto", "h2"] as const) {
      const by = via(`https://localhost:${port}`, { ca: ca.pem, protocol });
      const own = protocol === "http/1.1" ? "1" : "2";
      assert.equal(await ask(by, null), own);
      assert.deepEqual([await ask(by, "1"), await ask(by, "2or1"), await ask(by, "2")], ["1", "2", "2"]);
      assert.equal(await ask(by, null), own);
    }
  });

  it(
    "falls back where there is a choice, and nothing is sent where there is none",
    { skip: opensslAbsent },
    async () => {
      const { port } = await counted(createHttps(tls(), say));
      const by = via(`https://localhost:${port}`, { ca: ca.pem });
      assert.equal(await ask(by, "2or1"), "1");
      await assert.rejects(ask(by, "2"), isCode("upstream-connect-failed", 502));
      assert.equal(await ask(by, "1"), "1");
    },
  );

  it("is HTTP/2 by prior knowledge in clear text, and HTTP/1.1 where there would be a choice", async () => {
    const newer = via(`http://127.0.0.1:${(await counted(createHttp2(say))).port}`);
    assert.equal(await ask(newer, "2"), "2");
    const older = via(`http://127.0.0.1:${(await counted(createHttp(say))).port}`, { protocol: "h2c" });
    assert.equal(await ask(older, "2or1"), "1");
    assert.equal(await ask(older, "1"), "1");
    await assert.rejects(ask(older, "2"), isCode("upstream-reset", 502));
  });

  it("takes the backend's own connections where it is what those speak", async () => {
    const { port, connections } = await counted(createHttp(say));
    const by = via(`http://127.0.0.1:${port}`);
    for (const version of [null, "1", "2or1", null] as const) assert.equal(await ask(by, version), "1");
    assert.equal(connections(), 1);
  });

  it("holds for a base URL that a policy chose, too", async () => {
    const { port } = await counted(createHttp2(say));
    const by = via("http://127.0.0.1:9");
    const made = exchange();
    made.request.baseUrl = `http://127.0.0.1:${port}`;
    made.request.httpVersion = "2";
    assert.equal(await text(await send(by, made)), "2");
  });

  it(
    "goes through the tunnel of a proxy, but is not what a proxy of clear text speaks",
    { skip: opensslAbsent },
    async () => {
      const secure = await counted(createSecureServer({ ...tls(), allowHTTP1: true }, say));
      const clear = await counted(createHttp2(say));
      const proxy = createHttp();
      proxy.on("connect", (request, client: Socket) => {
        const far = connect(Number(request.url?.split(":")[1]), "127.0.0.1", () => {
          client.write("HTTP/1.1 200 Connection established\r\n\r\n");
          far.pipe(client).pipe(far);
        });
        far.on("error", () => client.destroy());
        client.on("close", () => far.destroy());
      });
      const by = { url: `http://127.0.0.1:${await listen(proxy, cleanup)}`, declared: true, authorization: null };
      assert.equal(await ask(via(`https://localhost:${secure.port}`, { ca: ca.pem }), "2", by), "2");
      const error = await ask(via(`http://127.0.0.1:${clear.port}`), "2", by).catch((thrown: unknown) => thrown);
      assert.ok(isCode("egress-refused", 502)(error as Error));
      assert.match(String(error), /cannot be reached over HTTP\/2 by way of a proxy/);
      assert.equal(clear.connections(), 0);
    },
  );

  it("cannot be HTTP/2 where each connection tells of its client", async () => {
    const { port, connections } = await counted(createHttp(say));
    const by = via(`http://127.0.0.1:${port}`, { proxyProtocol: "v1" });
    await assert.rejects(ask(by, "2"), isCode("egress-refused", 502));
    assert.equal(connections(), 0);
  });
});
