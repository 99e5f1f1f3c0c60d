import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer as createHttp1 } from "node:http";
import { type ClientHttp2Session, connect, createServer as createHttp2, type ServerHttp2Stream } from "node:http2";
import { request } from "node:https";
import type { AddressInfo, Server, Socket } from "node:net";
import { after, before, describe, it } from "node:test";
import { startTestGateway, type TestGateway } from "#test/support/gateway.ts";

const huge = 16 * 1024 * 1024;

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly cookies: readonly string[];
  readonly trailer: string | undefined;
  readonly announced: unknown;
  readonly early: readonly string[];
}

describe("HTTP/1.1 on one side and HTTP/2 on the other", () => {
  let gateway: TestGateway;
  let session: ClientHttp2Session;
  const servers: Server[] = [];
  const sockets = new Set<Socket>();

  async function listen(server: Server): Promise<number> {
    server.on("connection", (socket: Socket) => sockets.add(socket));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    servers.push(server);
    return (server.address() as AddressInfo).port;
  }

  /** Both upstreams tell what they got: the fields, the body and its trailer. */
  const told = (fields: NodeJS.Dict<string | string[]>, body: string, trailer: unknown): string =>
    JSON.stringify({ cookie: fields["cookie"], te: fields["te"], upgrade: fields["upgrade"], body, trailer });

  before(async () => {
    const http1 = createHttp1((incoming, response) => {
      response.writeEarlyHints({ link: "</a.css>; rel=preload" });
      const chunks: Buffer[] = [];
      incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
      incoming.on("end", () => {
        if (incoming.url === "/huge") return response.end(Buffer.alloc(huge));
        response.writeHead(200, [
          ["Set-Cookie", "a=1"],
          ["Set-Cookie", "b=2"],
          ["Trailer", "x-sum, cookie"],
        ]);
        response.addTrailers({ "x-sum": "7" });
        return response.end(told(incoming.headers, Buffer.concat(chunks).toString(), incoming.trailers["x-in"]));
      });
    });
    const http2 = createHttp2();
    http2.on("stream", (stream: ServerHttp2Stream, fields) => {
      let trailer: unknown;
      const chunks: Buffer[] = [];
      stream.additionalHeaders({ ":status": 103, link: "</a.css>; rel=preload" });
      stream.on("trailers", (trailers) => (trailer = trailers["x-in"]));
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("wantTrailers", () => stream.sendTrailers({ "x-sum": "7" }));
      stream.on("end", () => {
        stream.respond(
          { ":status": 200, "set-cookie": ["a=1", "b=2"], trailer: "x-sum, cookie" },
          { waitForTrailers: true },
        );
        stream.end(told(fields, Buffer.concat(chunks).toString(), trailer));
      });
    });
    const definition = `version: 1
edge: { https: internal, listen: { https: "127.0.0.1:0", http: "127.0.0.1:0" } }
apis:
  old: { path: /old, backend: old, access: public }
  new: { path: /new, backend: new, access: public }
backends:
  old: { url: "http://127.0.0.1:${await listen(http1)}" }
  new: { url: "http://127.0.0.1:${await listen(http2)}", protocol: h2c }
`;
    gateway = await startTestGateway({ definition, args: ["--workers", "1"] });
    session = connect(gateway.url, { ca: gateway.ca });
    session.on("error", () => {});
  });
  after(async () => {
    session?.destroy();
    await gateway?.cleanUp();
    for (const server of servers) server.close();
    for (const socket of sockets) socket.destroy();
  });

  function overHttp1(path: string): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const headers = { cookie: "c=3; d=4", te: "trailers", trailer: "x-in", "transfer-encoding": "chunked" };
      const sent = request(`${gateway.url}${path}`, { method: "POST", ca: gateway.ca, headers }, (response) => {
        let text = "";
        response.on("data", (chunk: Buffer) => (text += chunk.toString()));
        response.on("end", () =>
          resolve({
            status: response.statusCode ?? 0,
            text,
            cookies: response.headers["set-cookie"] ?? [],
            trailer: response.trailers["x-sum"],
            announced: response.headers["trailer"],
            early,
          }),
        );
      });
      const early: string[] = [];
      sent.on("information", ({ statusCode, headers: fields }) => early.push(`${statusCode} ${fields["link"]}`));
      sent.on("error", reject);
      sent.addTrailers({ "x-in": "5" });
      sent.end("body");
    });
  }

  function overHttp2(path: string): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const fields = { ":method": "POST", ":path": path, cookie: ["c=3", "d=4"], te: "trailers" };
      const stream = session.request(fields, { waitForTrailers: true });
      const answer = { status: 0, text: "", cookies: [] as readonly string[], early: [] as string[] };
      let trailer: string | undefined;
      let announced: unknown;
      stream.on("wantTrailers", () => stream.sendTrailers({ "x-in": "5" }));
      stream.on("headers", (head) => answer.early.push(`${head[":status"]} ${String(head["link"])}`));
      stream.on("response", (head) => {
        answer.status = head[":status"] ?? 0;
        announced = head["trailer"];
        answer.cookies = head["set-cookie"] ?? [];
      });
      stream.on("trailers", (trailers) => (trailer = trailers["x-sum"] as string));
      stream.on("data", (chunk: Buffer) => (answer.text += chunk.toString()));
      stream.on("end", () => resolve({ ...answer, trailer, announced }));
      stream.on("error", reject);
      stream.end("body");
    });
  }

  for (const [what, ask] of [
    ["HTTP/1.1", overHttp1],
    ["HTTP/2", overHttp2],
  ] as const) {
    for (const path of ["/old", "/new"]) {
      it(`a client of ${what} at ${path}: body, cookies, hints and trailers both ways`, async () => {
        const { status, text, cookies, trailer, announced, early } = await ask(path);
        assert.equal(status, 200);
        assert.deepEqual(JSON.parse(text), { cookie: "c=3; d=4", te: "trailers", body: "body", trailer: "5" });
        assert.deepEqual(cookies, ["a=1", "b=2"]);
        assert.equal(trailer, "7");
        assert.equal(announced, "x-sum");
        assert.deepEqual(early, ["103 </a.css>; rel=preload"]);
      });
    }
  }

  it("a huge download holds up no other stream of its session", async () => {
    const download = session.request({ ":path": "/old/huge" });
    let received = 0;
    download.on("data", (chunk: Buffer) => (received += chunk.length));
    const whole = once(download, "end");
    await once(download, "response");
    for (let nth = 0; nth < 30; nth += 1) assert.equal((await overHttp2("/new")).status, 200);
    const stalled = session.request({ ":path": "/old/huge" });
    stalled.pause();
    await once(stalled, "response");
    for (let nth = 0; nth < 30; nth += 1) assert.equal((await overHttp2("/old")).status, 200);
    stalled.close();
    await whole;
    assert.equal(received, huge);
  });
});
