import assert from "node:assert/strict";
import { once } from "node:events";
import { connect as connectHttp2, type ClientHttp2Session, type IncomingHttpHeaders } from "node:http2";
import type { IncomingMessage, ServerResponse } from "node:http";
import { request } from "node:https";
import { after, before, describe, it } from "node:test";
import { startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import { startUpstream, type TestUpstream } from "#test/support/upstream.ts";

/** Nothing here ends by itself: what a client gets, it gets because it was sent on at once. */
describe("responses that do not end", () => {
  let upstream: TestUpstream;
  let gateway: TestGateway;
  let session: ClientHttp2Session | undefined;
  const open = new Map<string, ServerResponse>();

  before(async () => {
    upstream = await startUpstream((incoming, response) => {
      open.set(incoming.url ?? "", response);
      if (incoming.url?.startsWith("/hints") === true) {
        response.writeEarlyHints({ link: "</style.css>; rel=preload; as=style" });
        return response.end("late");
      }
      response.writeHead(200, { "content-type": "text/event-stream" });
      return response.flushHeaders();
    });
    gateway = await startTestGateway({
      definition: `version: 1
edge: { https: internal, listen: { https: "127.0.0.1:0", http: "127.0.0.1:0" } }
apis: { events: { path: /events, backend: up, access: public } }
backends: { up: { url: "${upstream.url}" } }
`,
      args: ["--workers", "1"],
    });
  });
  after(async () => {
    session?.destroy();
    await gateway.cleanUp();
    await upstream.close();
  });

  async function http2(): Promise<ClientHttp2Session> {
    if (session !== undefined) return session;
    session = connectHttp2(gateway.url, { ca: gateway.ca });
    await once(session, "connect");
    return session;
  }

  const get = (path: string) =>
    request({ host: "localhost", port: gateway.port, path: `/events${path}`, ca: gateway.ca, agent: false }).end();

  it("HTTP/1.1: the head comes before any event, each event at once, and leaving ends the upstream's work", async () => {
    const outgoing = get("/one");
    const [response] = (await once(outgoing, "response")) as [IncomingMessage];
    assert.equal(response.headers["content-type"], "text/event-stream");
    const upstreamSide = open.get("/one") as ServerResponse;
    for (const event of ["data: 1\n\n", "data: 2\n\n"]) {
      upstreamSide.write(event);
      assert.equal(String((await once(response, "data"))[0]), event);
    }
    const gone = once(upstreamSide, "close");
    response.destroy();
    await gone;
  });

  it("HTTP/2: the same", async () => {
    const stream = (await http2()).request({ ":path": "/events/two" });
    const [head] = (await once(stream, "response")) as [IncomingHttpHeaders];
    assert.equal(head["content-type"], "text/event-stream");
    const upstreamSide = open.get("/two") as ServerResponse;
    for (const event of ["data: 1\n\n", "data: 2\n\n"]) {
      upstreamSide.write(event);
      assert.equal(String((await once(stream, "data"))[0]), event);
    }
    const gone = once(upstreamSide, "close");
    stream.close();
    await gone;
  });

  it("sends 103 Early Hints on, over both protocols", async () => {
    const outgoing = get("/hints/one");
    const [hints] = (await once(outgoing, "information")) as [{ statusCode: number; headers: { link?: string } }];
    assert.deepEqual([hints.statusCode, hints.headers.link], [103, "</style.css>; rel=preload; as=style"]);
    const [response] = (await once(outgoing, "response")) as [IncomingMessage];
    response.resume();
    assert.equal(response.statusCode, 200);
    const stream = (await http2()).request({ ":path": "/events/hints/two" });
    const [early] = (await once(stream, "headers")) as [IncomingHttpHeaders];
    assert.deepEqual([early[":status"], early["link"]], [103, "</style.css>; rel=preload; as=style"]);
    assert.equal(((await once(stream, "response")) as [IncomingHttpHeaders])[0][":status"], 200);
    stream.close();
  });
});
