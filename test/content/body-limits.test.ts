import assert from "node:assert/strict";
import { once } from "node:events";
import { request } from "node:https";
import { connect as connectHttp2 } from "node:http2";
import { after, before, describe, it } from "node:test";
import { startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import { startUpstream, type TestUpstream } from "#test/support/upstream.ts";

const definition = (url: string): string => `version: 1
edge: { https: internal, listen: { https: "127.0.0.1:0", http: "127.0.0.1:0" }, limits: { bodySize: 5000B } }
apis:
  up:
    path: /up
    backend: up
    access: public
    bodySize: 1000B
    operations:
      more: { method: POST, path: /more, bodySize: 2000B }
      api: { method: POST, path: /api }
      none: { method: POST, path: /none, bodySize: 0 }
  plain: { path: /plain, backend: up, access: public }
backends: { up: { url: "${url}" } }
`;

/** The operation's limit, else the API's, else the edge's, however the body is framed. */
describe("limits of request bodies", () => {
  let upstream: TestUpstream;
  let gateway: TestGateway;
  before(async () => {
    upstream = await startUpstream((asked, response) => {
      asked.resume();
      asked.on("end", () => response.writeHead(200).end("taken"));
      asked.on("error", () => {});
    });
    gateway = await startTestGateway({ definition: definition(upstream.url), args: ["--workers", "1"] });
  });
  after(async () => {
    await gateway.cleanUp();
    await upstream.close();
  });

  async function http1(path: string, bytes: number, chunked: boolean): Promise<number> {
    const headers = chunked ? { "transfer-encoding": "chunked" } : { "content-length": bytes };
    const asked = request({
      host: "localhost",
      port: gateway.port,
      path,
      method: "POST",
      headers,
      ca: gateway.ca,
      agent: false,
    });
    asked.on("error", () => {});
    asked.end(Buffer.alloc(bytes));
    const [response] = (await once(asked, "response")) as [{ statusCode?: number; resume(): unknown }];
    response.resume();
    return response.statusCode ?? 0;
  }

  async function http2(path: string, bytes: number, withLength: boolean): Promise<number> {
    const session = connectHttp2(gateway.url, { ca: gateway.ca });
    session.on("error", () => {});
    const fields = { ":method": "POST", ":path": path, ...(withLength ? { "content-length": bytes } : {}) };
    const stream = session.request(fields);
    stream.on("error", () => {});
    // An empty write is never sent by Node's client.
    if (bytes === 0) stream.end();
    else stream.end(Buffer.alloc(bytes));
    const [headers] = (await once(stream, "response")) as [{ ":status"?: number }];
    session.destroy();
    return headers[":status"] ?? 0;
  }

  for (const [path, limit] of [
    ["/up/more", 2000],
    ["/up/api", 1000],
    ["/plain/x", 5000],
    ["/up/none", 0],
  ] as const) {
    for (const [name, ask] of [
      ["Content-Length", (bytes: number) => http1(path, bytes, false)],
      ["chunked", (bytes: number) => http1(path, bytes, true)],
      ["HTTP/2 with a length", (bytes: number) => http2(path, bytes, true)],
      ["HTTP/2 without", (bytes: number) => http2(path, bytes, false)],
    ] as const) {
      it(`${path}, ${name}: ${limit} bytes and no more`, async () => {
        assert.equal(await ask(limit), 200);
        assert.equal(await ask(limit + 1), 413);
      });
    }
  }
});
