import assert from "node:assert/strict";
import { once } from "node:events";
import { constants, type ServerHttp2Stream } from "node:http2";
import { afterEach, describe, it } from "node:test";
import { HeaderList } from "#model/header-list.ts";
import type { Backend } from "#model/definition.ts";
import {
  answering,
  backend,
  Cleanup,
  exchange,
  forwarder,
  httpUpstream,
  isCode,
  ManualBody,
  rawUpstream,
  readAll,
  type RecordingClient,
  send,
  text,
  until,
} from "./forwarding.test-helper.ts";
import {
  endHeaders,
  endStream,
  fields,
  frame,
  frameType,
  http2Upstream,
  numbers,
  rawHttp2Upstream,
} from "./http2-upstream.test-helper.ts";

const cleanup = new Cleanup();
afterEach(() => cleanup.run());

function h2c(url: string, more: Partial<Backend> = {}): Backend {
  return backend([url], { protocol: "h2c", ...more });
}

const ok = { ":status": 200 };

describe("a request over HTTP/2", () => {
  it("has its pseudo-header fields, lower-case names, and nothing of a connection", async () => {
    let seen: string[] = [];
    const upstream = await http2Upstream(cleanup, (stream, _headers, raw) => {
      seen = raw;
      stream.respond(ok);
      stream.end();
    });
    const via = forwarder(cleanup, { backends: [h2c(`${upstream.url}/base`)] });
    const headers = ["X-A", "1", "Connection", "X-A", "Upgrade", "websocket", "Keep-Alive", "1", "TE", "trailers"];
    const made = exchange({ path: "/a/b", query: "q=1", headers: [...headers, "HTTP2-Settings", "x"] });
    await text(await send(via, made));
    assert.deepEqual(
      seen,
      [":method", "GET", ":scheme", "http", ":authority", "public.example:8443", ":path", "/base/a/b?q=1"].concat([
        "x-a",
        "1",
        "te",
        "trailers",
      ]),
    );
  });

  it("names the upstream itself where the backend says so", async () => {
    const upstream = await http2Upstream(cleanup, (stream, headers) => {
      stream.respond(ok);
      stream.end(`${headers[":authority"]} ${headers.host}`);
    });
    const via = forwarder(cleanup, { backends: [h2c(upstream.url, { host: "upstream" })] });
    assert.equal(await text(await send(via, exchange())), `${new URL(upstream.url).host} undefined`);
  });

  it("takes cookies apart into crumbs, which the upstream joins", async () => {
    const upstream = await http2Upstream(cleanup, (stream, headers, raw) => {
      stream.respond(ok);
      stream.end(`${raw.filter((part) => part === "cookie").length} ${headers.cookie}`);
    });
    const via = forwarder(cleanup, { backends: [h2c(upstream.url)] });
    assert.equal(await text(await send(via, exchange({ headers: ["Cookie", "a=1; b=2"] }))), "2 a=1; b=2");
  });

  it("carries a body with its length, and trailers behind one without", async () => {
    const seen: unknown[] = [];
    const upstream = await http2Upstream(cleanup, (stream, headers) => {
      stream.on("trailers", (trailers) => seen.push(trailers["x-sum"]));
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("end", () => {
        stream.respond(ok);
        stream.end(`${headers["content-length"]} ${Buffer.concat(chunks).toString()}`);
      });
    });
    const via = forwarder(cleanup, { backends: [h2c(upstream.url)] });
    const counted = new ManualBody(5);
    const first = send(via, exchange({ method: "POST", body: counted }));
    await until(() => counted.sink !== null, "the upload begins");
    counted.push("hello");
    counted.end();
    assert.equal(await text(await first), "5 hello");
    const open = new ManualBody();
    const second = send(via, exchange({ method: "POST", body: open }));
    await until(() => open.sink !== null, "the upload begins");
    open.push("he");
    open.push("llo");
    open.end(["X-Sum", "42"]);
    assert.equal(await text(await second), "undefined hello");
    assert.deepEqual(seen, ["42"]);
    const whole = exchange({ method: "POST" });
    whole.request.body = Buffer.from("bytes");
    assert.equal(await text(await send(via, whole)), "5 bytes");
    assert.equal(await text(await send(via, exchange({ method: "POST" }))), "0 ");
  });

  it("is refused when a policy wrote what would be another field, and the session goes on", async () => {
    let requests = 0;
    const upstream = await http2Upstream(cleanup, (stream) => {
      requests += 1;
      stream.respond(ok);
      stream.end();
    });
    const via = forwarder(cleanup, { backends: [h2c(upstream.url)] });
    for (const [name, value] of [
      ["x", "a\0evil\0b"],
      ["x\0", "a"],
      [":path", "/other"],
      ["x", "a\r\nb"],
    ] as const) {
      const made = exchange();
      made.request.headers = new HeaderList([name, value]);
      await assert.rejects(send(via, made), isCode("internal", 500));
    }
    assert.equal(requests, 0);
    await text(await send(via, exchange()));
    assert.equal(upstream.sessions.length, 1);
  });

  it("stops reading the client while the upstream does not take more", async () => {
    let reading: ServerHttp2Stream | null = null;
    const upstream = await http2Upstream(cleanup, (stream) => {
      reading = stream.pause();
      stream.respond(ok);
    });
    const via = forwarder(cleanup, { backends: [h2c(upstream.url)] });
    const body = new ManualBody();
    await send(via, exchange({ method: "POST", body }));
    let pushed = 0;
    while (!body.paused && pushed < 64) {
      body.push(Buffer.alloc(64 * 1024));
      pushed += 1;
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.ok(body.paused && pushed < 16, `paused after ${pushed} pieces`);
    (reading as ServerHttp2Stream | null)?.resume();
    await until(() => !body.paused, "the upload goes on");
  });
});

describe("a response over HTTP/2", () => {
  it("comes with its fields, body and trailers, and with interim ones before", async () => {
    const upstream = await http2Upstream(cleanup, (stream) => {
      stream.additionalHeaders({ ":status": 103, link: "</a.css>" });
      stream.respond({ ":status": 201, "set-cookie": ["a=1", "b=2"], "alt-svc": "h3" }, { waitForTrailers: true });
      stream.on("wantTrailers", () => stream.sendTrailers({ "x-sum": "1" }));
      stream.end("body");
    });
    const via = forwarder(cleanup, { backends: [h2c(upstream.url)] });
    const made = exchange();
    const response = await send(via, made);
    assert.equal(response.status, 201);
    assert.deepEqual(response.headers.all("set-cookie"), ["a=1", "b=2"]);
    assert.equal(response.headers.has("alt-svc"), false);
    const { bytes, trailers } = await readAll(response.body);
    assert.equal(bytes.toString(), "body");
    assert.deepEqual(trailers, ["x-sum", "1"]);
    const client = made.client as RecordingClient;
    assert.deepEqual(client.interim, [{ status: 103, raw: ["link", "</a.css>"] }]);
  });

  it("without a body ends with its head: HEAD, 204, and END_STREAM with the head", async () => {
    const upstream = await http2Upstream(cleanup, (stream, headers) => {
      if (headers[":method"] === "HEAD") stream.respond({ ...ok, "content-length": 7 });
      else if (headers[":path"] === "/none") stream.respond({ ":status": 204 });
      else stream.respond({ ...ok, "grpc-status": "5" }, { endStream: true });
    });
    const via = forwarder(cleanup, { backends: [h2c(upstream.url)] });
    const head = await send(via, exchange({ method: "HEAD" }));
    assert.deepEqual([head.body, head.headers.get("content-length")], [null, "7"]);
    const none = await send(via, exchange({ path: "/none" }));
    assert.deepEqual([none.body, none.status], [null, 204]);
    const only = await send(via, exchange());
    assert.deepEqual([only.body, only.headers.get("grpc-status")], [null, "5"]);
    const [session] = upstream.sessions;
    await until(() => session?.state.outboundQueueSize === 0, "all is sent");
  });

  it("of length 0 may have trailers", async () => {
    const upstream = await http2Upstream(cleanup, (stream) => {
      stream.respond({ ...ok, "content-length": 0 }, { waitForTrailers: true });
      stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
      stream.end();
    });
    const via = forwarder(cleanup, { backends: [h2c(upstream.url)] });
    const { trailers } = await readAll((await send(via, exchange())).body);
    assert.deepEqual(trailers, ["grpc-status", "0"]);
  });

  it("goes no faster than its reader, and others on the same session are not held up by it", async () => {
    const size = 8 * 1024 * 1024;
    let sent = 0;
    const upstream = await http2Upstream(cleanup, (stream, headers) => {
      stream.respond(ok);
      if (headers[":path"] !== "/huge") {
        stream.end("small");
        return;
      }
      const chunk = Buffer.alloc(64 * 1024);
      const more = (): void => {
        while (sent < size) {
          sent += chunk.length;
          if (!stream.write(chunk)) return;
        }
        stream.end();
      };
      stream.on("drain", more);
      more();
    });
    const via = forwarder(cleanup, { backends: [h2c(upstream.url)] });
    const huge = await send(via, exchange({ path: "/huge" }));
    await new Promise((resolve) => setTimeout(resolve, 100));
    assert.ok(sent < size / 4, `${sent} bytes were sent to nobody`);
    for (let nth = 0; nth < 50; nth += 1) assert.equal(await text(await send(via, exchange())), "small");
    assert.equal((await readAll(huge.body)).bytes.length, size);
    assert.equal(upstream.sessions.length, 1);
  });

  it("broken off is truncated", async () => {
    for (const code of [constants.NGHTTP2_INTERNAL_ERROR, constants.NGHTTP2_CANCEL]) {
      const upstream = await http2Upstream(cleanup, (stream) => {
        // With trailers to come Node does not end the stream before it resets it.
        stream.respond(ok, { waitForTrailers: true });
        stream.write("part");
        setTimeout(() => stream.close(code), 20);
      });
      const via = forwarder(cleanup, { backends: [h2c(upstream.url)] });
      await assert.rejects(text(await send(via, exchange())), isCode("upstream-truncated", 502));
    }
  });

  it("that never comes, or stops, times out, and the stream is reset", async () => {
    const codes: unknown[] = [];
    const upstream = await http2Upstream(cleanup, (stream, headers) => {
      stream.on("close", () => codes.push(stream.rstCode));
      if (headers[":path"] === "/half") stream.respond(ok);
    });
    const via = forwarder(cleanup, { backends: [h2c(upstream.url)], bodyIdleMs: 60 });
    await assert.rejects(send(via, exchange({ timeoutMs: 60 })), isCode("upstream-timeout", 504));
    await assert.rejects(text(await send(via, exchange({ path: "/half" }))), isCode("upstream-timeout", 504));
    await until(() => codes.length === 2, "both are reset");
    assert.deepEqual(codes, [constants.NGHTTP2_CANCEL, constants.NGHTTP2_CANCEL]);
  });

  it("nobody waits for any more is reset, and a body that is answered before its end too", async () => {
    const codes: unknown[] = [];
    const upstream = await http2Upstream(cleanup, (stream, headers) => {
      stream.on("close", () => codes.push(stream.rstCode));
      if (headers[":path"] === "/early") {
        stream.respond({ ":status": 413 });
        stream.end("no more");
      }
    });
    const via = forwarder(cleanup, { backends: [h2c(upstream.url)] });
    const made = exchange();
    const pending = send(via, made);
    await until(() => upstream.sessions.length === 1, "it has arrived");
    await new Promise((resolve) => setTimeout(resolve, 30));
    via.abort(made);
    await assert.rejects(pending, isCode("client-aborted", 499));
    await until(() => codes.length === 1, "it is reset");
    const body = new ManualBody();
    assert.equal(await text(await send(via, exchange({ path: "/early", method: "POST", body }))), "no more");
    assert.equal(body.cancelled, true);
    await until(() => codes.length === 2, "it is let go");
    assert.equal(upstream.sessions.length, 1);
  });
});

describe("sessions of an HTTP/2 upstream", () => {
  it("are shared, within what the peer allows at a time, and a further one is opened when all are full", async () => {
    const open: ServerHttp2Stream[] = [];
    const upstream = await http2Upstream(
      cleanup,
      (stream) => {
        stream.respond(ok);
        open.push(stream);
      },
      { settings: { maxConcurrentStreams: 4 } },
    );
    const via = forwarder(cleanup, { backends: [h2c(upstream.url, { maxConnections: 2, maxWaiting: 5 })] });
    const end = (): unknown => open.shift()?.end("done");
    const warm = send(via, exchange());
    await until(() => open.length === 1, "the session is there");
    end();
    await text(await warm);
    await until(() => open.length === 0, "the stream is over");
    await new Promise((resolve) => setTimeout(resolve, 50));
    const many = Array.from({ length: 10 }, () => send(via, exchange()));
    await until(() => open.length === 8, "two sessions are full");
    for (let nth = 0; nth < 3; nth += 1) many.push(send(via, exchange()));
    await assert.rejects(send(via, exchange()), isCode("upstream-unavailable", 503));
    assert.equal(upstream.sessions.length, 2);
    for (let nth = 0; nth < 13; nth += 1) {
      await until(() => open.length > 0, "a stream is open");
      end();
    }
    for (const each of many) assert.equal(await text(await each), "done");
    assert.equal(upstream.sessions.length, 2);
  });

  it("close when idle, and at once when a new definition leaves the backend out, after what is under way", async () => {
    let release: (() => void) | null = null;
    const upstream = await http2Upstream(cleanup, (stream, headers) => {
      stream.respond(ok);
      if (headers[":path"] === "/slow") release = () => stream.end("slow");
      else stream.end("ok");
    });
    const via = forwarder(cleanup, { backends: [h2c(upstream.url, { idleTimeoutMs: 50 })] });
    await text(await send(via, exchange()));
    await until(() => upstream.sessions[0]?.destroyed === true, "the idle session closes");
    const slow = await send(via, exchange({ path: "/slow" }));
    via.update({ backends: [], egress: { allow: [] } });
    (release as (() => void) | null)?.();
    assert.equal(await text(slow), "slow");
    await until(() => upstream.sessions[1]?.destroyed === true, "the retired session closes");
  });

  it("that the peer leaves are not used again, and what it did not look at goes to another", async () => {
    let sessions = 0;
    const url = await rawHttp2Upstream(cleanup, ({ type, stream }, socket) => {
      if (type !== frameType.headers) return;
      sessions += 1;
      // GOAWAY, last stream 0: nothing was looked at, not even what has just come.
      if (sessions < 3) socket.write(frame(frameType.goaway, 0, 0, numbers(0, sessions - 1)));
      else
        socket.write(frame(frameType.headers, endHeaders | endStream, stream, fields(":status", "200", "x-nth", "3")));
    });
    const via = forwarder(cleanup, { backends: [h2c(url)] });
    const made = exchange({ method: "POST" });
    // The first GOAWAY is a polite one. One more try, and then it is the next request's turn.
    await assert.rejects(send(via, made), isCode("upstream-reset", 502));
    assert.equal(made.upstream?.tries, 2);
    assert.equal((await send(via, exchange())).headers.get("x-nth"), "3");
  });

  it("whose stream was refused get it once more, whatever the method; what was looked at is not repeated", async () => {
    let count = 0;
    let code: number = constants.NGHTTP2_REFUSED_STREAM;
    const upstream = await http2Upstream(cleanup, (stream) => {
      count += 1;
      if (count % 2 === 1) {
        stream.close(code);
        return;
      }
      stream.respond(ok);
      stream.end("again");
    });
    const via = forwarder(cleanup, { backends: [h2c(upstream.url)] });
    assert.equal(await text(await send(via, exchange({ method: "POST" }))), "again");
    code = constants.NGHTTP2_INTERNAL_ERROR;
    await assert.rejects(send(via, exchange({ method: "POST" })), isCode("upstream-reset", 502));
    assert.equal(count, 3);
  });

  it("that die take their streams with them, once each", async () => {
    const upstream = await http2Upstream(cleanup, (stream, headers) => {
      if (headers[":path"] === "/head") stream.respond(ok);
    });
    const via = forwarder(cleanup, { backends: [h2c(upstream.url)] });
    const begun = await send(via, exchange({ path: "/head" }));
    const waiting = send(via, exchange({ method: "POST" }));
    await new Promise((resolve) => setTimeout(resolve, 30));
    const [session] = upstream.sessions;
    session?.socket.destroy();
    await assert.rejects(text(begun), isCode("upstream-truncated", 502));
    await assert.rejects(waiting, isCode("upstream-reset", 502));
  });

  it("wait for one dial; its failure is one request's, and the next dials again", async () => {
    const via = forwarder(cleanup, { backends: [h2c("http://127.0.0.1:1")] });
    const many = [1, 2, 3].map(() => send(via, exchange()));
    const [first] = many;
    await assert.rejects(first as Promise<unknown>, isCode("upstream-connect-failed", 502));
    for (const each of many) await assert.rejects(each);
  });

  it("with a peer that speaks HTTP/1.1 fail as malformed or reset", async () => {
    const upstream = await httpUpstream(cleanup, (_, response) => response.end());
    const raw = await rawUpstream(cleanup, answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"));
    for (const url of [upstream.url, raw]) {
      const via = forwarder(cleanup, { backends: [h2c(url)] });
      await assert.rejects(send(via, exchange()), (error: Error) => /upstream-(malformed|reset)/.test(codeOf(error)));
    }
  });

  it("that idle are left by the peer without a request failing", async () => {
    const upstream = await http2Upstream(cleanup, (stream) => {
      stream.respond(ok);
      stream.end("ok");
    });
    const via = forwarder(cleanup, { backends: [h2c(upstream.url)] });
    for (let round = 0; round < 3; round += 1) {
      assert.equal(await text(await send(via, exchange())), "ok");
      const session = upstream.sessions[round];
      session?.close();
      if (session?.destroyed === false) await once(session, "close");
    }
  });
});

function codeOf(error: Error): string {
  return (error as Error & { code: string }).code;
}
