import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { afterEach, describe, it } from "node:test";
import { GatewayError } from "#model/errors.ts";
import { HeaderList } from "#model/header-list.ts";
import { createPermitAuthority, type Permit } from "#model/permit.ts";
import { anonymous } from "#model/principal.ts";
import {
  answering,
  authority,
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

const cleanup = new Cleanup();
afterEach(() => cleanup.run());

const echoHead = (request: IncomingMessage, response: ServerResponse): void => {
  response.end(JSON.stringify({ method: request.method, url: request.url, raw: request.rawHeaders }));
};

describe("the permit", () => {
  it("must be minted here, for this exchange and this principal", async () => {
    let dialled = 0;
    const url = await rawUpstream(cleanup, () => (dialled += 1));
    const via = forwarder(cleanup, { backends: [backend([url])] });
    const mine = exchange();
    const other = exchange();
    const forged = { brand: "Permit" } as unknown as Permit;
    const elsewhere = createPermitAuthority().mint(mine, mine.principal);
    for (const permit of [forged, elsewhere, null as unknown as Permit, Object.create(elsewhere) as Permit]) {
      await assert.rejects(via.forward(mine, permit), isCode("permit-forged"));
    }
    await assert.rejects(via.forward(mine, authority.mint(other, other.principal)), isCode("permit-mismatch"));
    const permit = authority.mint(mine, mine.principal);
    mine.principal = { ...anonymous };
    await assert.rejects(via.forward(mine, permit), isCode("permit-mismatch"));
    assert.equal(dialled, 0);
  });

  it("comes before the destination is even read", async () => {
    const via = forwarder(cleanup, {});
    const made = exchange();
    made.request.baseUrl = "not a url";
    await assert.rejects(via.forward(made, {} as Permit), isCode("permit-forged"));
  });
});

describe("the request", () => {
  it("goes to base path, path and query with the client's fields", async () => {
    const upstream = await httpUpstream(cleanup, echoHead);
    const via = forwarder(cleanup, { backends: [backend([`${upstream.url}/base/`])] });
    const headers = ["X-One", "1", "x-one", "2", "Expect", "100-continue", "Host", "ignored"];
    const made = exchange({ path: "/orders/7", query: "a=b&c", headers });
    const seen = JSON.parse(await text(await send(via, made))) as { url: string; raw: string[] };
    assert.equal(seen.url, "/base/orders/7?a=b&c");
    assert.deepEqual(seen.raw, ["Host", "public.example:8443", "X-One", "1", "x-one", "2"]);
  });

  it("names the host that backend and policy want", async () => {
    const upstream = await httpUpstream(cleanup, (request, response) => response.end(request.headers.host));
    const via = forwarder(cleanup, {
      backends: [backend([upstream.url], { host: "upstream" }), backend([upstream.url], { name: "keep" })],
    });
    const own = exchange();
    assert.equal(await text(await send(via, own)), `127.0.0.1:${upstream.port}`);
    const kept = exchange();
    kept.request.backend = 1;
    assert.equal(await text(await send(via, kept)), "public.example:8443");
    const written = exchange({ headers: ["Host", "policy.example"] });
    written.request.hostSet = true;
    assert.equal(await text(await send(via, written)), "policy.example");
  });

  it("sends a policy's bytes, an empty body, or none", async () => {
    const upstream = await httpUpstream(cleanup, async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const { "content-length": length, "transfer-encoding": coding } = request.headers;
      response.end(`${length}|${coding}|${Buffer.concat(chunks).toString()}`);
    });
    const via = forwarder(cleanup, { backends: [backend([upstream.url])] });
    const bytes = exchange({ method: "POST", body: new ManualBody(3) });
    bytes.request.body = Buffer.from("hello");
    assert.equal(await text(await send(via, bytes)), "5|undefined|hello");
    const none = exchange({ method: "POST", body: new ManualBody(3) });
    none.request.body = null;
    assert.equal(await text(await send(via, none)), "0|undefined|");
    assert.equal(await text(await send(via, exchange({ method: "DELETE" }))), "undefined|undefined|");
  });

  it("refuses what a policy wrote to split it, and keeps the connection", async () => {
    let requests = 0;
    const upstream = await httpUpstream(cleanup, (request, response) => {
      requests += 1;
      return echoHead(request, response);
    });
    const via = forwarder(cleanup, { backends: [backend([upstream.url])] });
    for (const spoil of [
      (made: ReturnType<typeof exchange>) => (made.request.headers = new HeaderList(["X", "a\r\nEvil: 1"])),
      (made: ReturnType<typeof exchange>) => (made.request.path = "/a HTTP/1.1\r\nEvil: 1\r\n"),
      (made: ReturnType<typeof exchange>) => (made.request.query = "a\nb"),
      (made: ReturnType<typeof exchange>) => (made.request.method = "GET /"),
    ]) {
      const made = exchange();
      spoil(made);
      await assert.rejects(send(via, made), isCode("internal", 500));
    }
    assert.equal(requests, 0);
    await text(await send(via, exchange()));
    assert.equal(upstream.connections(), 1);
  });
});

describe("the response", () => {
  it("comes without hop-by-hop fields, with trailers", async () => {
    const url = await rawUpstream(
      cleanup,
      answering(
        "HTTP/1.1 201 Made it\r\nX-A: 1\r\nConnection: X-Hop\r\nX-Hop: 1\r\nKeep-Alive: timeout=5\r\nTransfer-Encoding: chunked\r\nAlt-Svc: x\r\n\r\n2\r\nok\r\n0\r\nX-Sum: 9\r\nConnection: x\r\n\r\n",
      ),
    );
    const via = forwarder(cleanup, { backends: [backend([url])] });
    const made = exchange();
    const response = await send(via, made);
    assert.equal(response.status, 201);
    assert.equal(response.statusText, "Made it");
    assert.deepEqual(response.headers.raw, ["X-A", "1"]);
    assert.equal(response.body?.length, undefined);
    const { bytes, trailers } = await readAll(response.body);
    assert.equal(bytes.toString(), "ok");
    assert.deepEqual(trailers, ["X-Sum", "9"]);
    assert.equal(made.upstream?.status, 201);
    assert.equal(made.upstream?.tries, 1);
    assert.equal(`http://${made.upstream?.address}`, url);
    assert.ok((made.upstream?.headersMs ?? 0) > 0);
  });

  it("has no body for HEAD, and keeps its length field", async () => {
    const url = await rawUpstream(cleanup, answering("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n"));
    const via = forwarder(cleanup, { backends: [backend([url])] });
    const response = await send(via, exchange({ method: "HEAD" }));
    assert.equal(response.body, null);
    assert.equal(response.headers.get("content-length"), "99");
  });

  it("passes 103 on, and swallows 100 and 102", async () => {
    const interim =
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 P\r\n\r\nHTTP/1.1 103 E\r\nLink: </a>\r\nKeep-Alive: x\r\n\r\n";
    const url = await rawUpstream(cleanup, answering(`${interim}HTTP/1.1 204 No\r\n\r\n`));
    const via = forwarder(cleanup, { backends: [backend([url])] });
    const made = exchange();
    assert.equal((await send(via, made)).status, 204);
    assert.deepEqual((made.client as RecordingClient).interim, [{ status: 103, raw: ["Link", "</a>"] }]);
  });

  const broken: Readonly<Record<string, readonly [answer: string, code: string, status: number]>> = {
    garbage: ["\x16\x03\x01 what is this", "upstream-malformed", 502],
    "two lengths": ["HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", "upstream-malformed", 502],
    "101 unasked": ["HTTP/1.1 101 X\r\nUpgrade: y\r\n\r\n", "upstream-malformed", 502],
    "half a head": ["HTTP/1.1 200 OK\r\nX: ", "upstream-reset", 502],
    nothing: ["", "upstream-reset", 502],
  };
  for (const [name, [answer, code, status]] of Object.entries(broken)) {
    it(`that is ${name} becomes ${code}`, async () => {
      const url = await rawUpstream(cleanup, (socket) => socket.on("data", () => socket.end(answer, "latin1")));
      const via = forwarder(cleanup, { backends: [backend([url])] });
      const made = exchange();
      await assert.rejects(send(via, made), isCode(code, status));
      assert.equal(made.upstream?.status, 0);
      assert.equal(`http://${made.upstream?.address}`, url);
    });
  }

  it("that breaks off shows it, for each framing, at the end and by reset", async () => {
    const heads = ["Content-Length: 10\r\n\r\nabc", "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"];
    for (const head of heads) {
      const url = await rawUpstream(cleanup, (socket) =>
        socket.on("data", () => socket.end(`HTTP/1.1 200 OK\r\n${head}`)),
      );
      const via = forwarder(cleanup, { backends: [backend([url])] });
      const response = await send(via, exchange());
      await assert.rejects(readAll(response.body), isCode("upstream-truncated"));
    }
    const url = await rawUpstream(cleanup, (socket) =>
      socket.on("data", () => {
        socket.write("HTTP/1.1 200 OK\r\n\r\nabc");
        setTimeout(() => socket.resetAndDestroy(), 20);
      }),
    );
    const response = await send(forwarder(cleanup, { backends: [backend([url])] }), exchange());
    await assert.rejects(readAll(response.body), isCode("upstream-truncated"));
  });

  it("that turns to garbage within its body fails there", async () => {
    const url = await rawUpstream(cleanup, answering("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcX"));
    const response = await send(forwarder(cleanup, { backends: [backend([url])] }), exchange());
    await assert.rejects(readAll(response.body), isCode("upstream-malformed"));
  });
});

describe("time", () => {
  it("until the head is bounded", async () => {
    const url = await rawUpstream(cleanup, (socket) => socket.resume());
    const via = forwarder(cleanup, { backends: [backend([url])] });
    await assert.rejects(send(via, exchange({ timeoutMs: 60 })), isCode("upstream-timeout", 504));
  });

  it("between two pieces of a body is bounded, but a slow reader is not the upstream's fault", async () => {
    const url = await rawUpstream(cleanup, (socket) =>
      socket.on("data", () => socket.write("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc")),
    );
    const via = forwarder(cleanup, { backends: [backend([url])], bodyIdleMs: 60 });
    const response = await send(via, exchange());
    let failed: GatewayError | null = null;
    response.body?.start({ data: () => {}, end: () => {}, fail: (error) => (failed = error) });
    response.body?.pause();
    await new Promise((resolve) => setTimeout(resolve, 150));
    assert.equal(failed, null);
    response.body?.resume();
    await until(() => failed !== null, "the timeout");
    assert.equal((failed as GatewayError | null)?.code, "upstream-timeout");
  });
});

describe("streaming", () => {
  it("carries large bodies both ways unchanged, by length and chunked", async () => {
    const upstream = await httpUpstream(cleanup, (request, response) => void request.pipe(response));
    const via = forwarder(cleanup, { backends: [backend([upstream.url])] });
    const total = 24 * 1024 * 1024;
    for (const length of [total, undefined]) {
      const body = new ManualBody(length);
      const sent = createHash("sha256");
      const responding = send(via, exchange({ method: "POST", body }));
      await until(() => body.sink !== null, "the upload's start");
      let left = total;
      const pump = (): void => {
        while (left > 0 && !body.paused) {
          const chunk = randomBytes(Math.min(left, 100_003));
          sent.update(chunk);
          left -= chunk.length;
          body.push(chunk);
        }
        if (left === 0) {
          left = -1;
          body.end();
        }
      };
      body.onResume = pump;
      pump();
      const { bytes } = await readAll((await responding).body);
      assert.equal(bytes.length, total);
      assert.equal(createHash("sha256").update(bytes).digest("hex"), sent.digest("hex"));
      assert.ok(body.pauses > 0, "the upload was never held back");
    }
    assert.equal(upstream.connections(), 1);
  });

  it("holds a fast upstream back while nobody reads, before and after the start", async () => {
    let written = 0;
    const upstream = await httpUpstream(cleanup, (_, response) => {
      const chunk = Buffer.alloc(64 * 1024);
      const push = (): void => {
        while (written < 200 * 1024 * 1024) {
          written += chunk.length;
          if (!response.write(chunk)) return;
        }
        response.end();
      };
      response.on("drain", push);
      push();
    });
    const via = forwarder(cleanup, { backends: [backend([upstream.url])] });
    const stalled = async (): Promise<number> => {
      let before = -1;
      while (before !== written) {
        before = written;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      return written;
    };
    const { body } = await send(via, exchange());
    const bound = 24 * 1024 * 1024;
    assert.ok((await stalled()) < bound, "kept on reading before the start");
    let received = 0;
    let afterPause = 0;
    body?.start({
      data: (chunk) => {
        received += chunk.length;
        if (received > 1024 * 1024) {
          afterPause += chunk.length;
          body.pause();
        }
      },
      end: () => {},
      fail: () => {},
    });
    assert.ok((await stalled()) < bound + 2 * 1024 * 1024, "kept on reading while paused");
    assert.ok(received > 1024 * 1024);
    assert.ok(afterPause <= 3 * 64 * 1024, `${afterPause} bytes after the pause`);
    body?.cancel();
  });

  it("sends trailers of a chunked upload", async () => {
    const upstream = await httpUpstream(cleanup, (request, response) => {
      request.resume().on("end", () => response.end(JSON.stringify(request.rawTrailers)));
    });
    const body = new ManualBody();
    const responding = send(
      forwarder(cleanup, { backends: [backend([upstream.url])] }),
      exchange({ method: "PUT", body }),
    );
    await until(() => body.sink !== null, "the start");
    body.push("abc");
    body.push("");
    body.end(["X-Sum", "9"]);
    assert.equal(await text(await responding), '["X-Sum","9"]');
  });
});

describe("an early response", () => {
  const early = "HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno";

  it("is delivered, ends the upload, and its connection is not used again", async () => {
    let connections = 0;
    const url = await rawUpstream(cleanup, (socket) => {
      connections += 1;
      socket.once("data", () => socket.write(early));
      socket.resume();
    });
    const via = forwarder(cleanup, { backends: [backend([url])] });
    for (let round = 1; round <= 2; round += 1) {
      const body = new ManualBody(1_000_000);
      const responding = send(via, exchange({ method: "POST", body }));
      await until(() => body.sink !== null, "the start");
      body.push("abc");
      const response = await responding;
      assert.equal(response.status, 413);
      assert.equal(await text(response), "no");
      assert.equal(body.cancelled, true);
      body.push("more");
      assert.equal(connections, round);
    }
  });

  it("ends the upload as soon as its head is there", async () => {
    const url = await rawUpstream(cleanup, (socket) => {
      socket.once("data", () => socket.write("HTTP/1.1 401 No\r\nContent-Length: 9\r\n\r\nno"));
      socket.resume();
    });
    const body = new ManualBody();
    const made = exchange({ method: "POST", body });
    const response = await send(forwarder(cleanup, { backends: [backend([url])] }), made);
    assert.equal(response.status, 401);
    assert.equal(body.cancelled, true);
    response.body?.cancel();
  });

  it("of success lets the upload go on", async () => {
    const upstream = await httpUpstream(cleanup, (request, response) => {
      response.writeHead(200);
      response.flushHeaders();
      request.on("data", (chunk: Buffer) => response.write(chunk));
      request.on("end", () => response.end());
    });
    const body = new ManualBody();
    const responding = send(
      forwarder(cleanup, { backends: [backend([upstream.url])] }),
      exchange({ method: "POST", body }),
    );
    const response = await responding;
    const reading = text(response);
    body.push("abc");
    await new Promise((resolve) => setTimeout(resolve, 20));
    body.push("def");
    body.end();
    assert.equal(await reading, "abcdef");
    assert.equal(body.cancelled, false);
  });
});

describe("the client's body", () => {
  it("that fails ends the exchange with its error, and the upstream sees a break", async () => {
    let closed = false;
    const url = await rawUpstream(cleanup, (socket) => socket.resume().on("close", () => (closed = true)));
    const body = new ManualBody(10);
    const responding = send(forwarder(cleanup, { backends: [backend([url])] }), exchange({ method: "POST", body }));
    const refused = assert.rejects(responding, isCode("client-body-too-large", 413));
    await until(() => body.sink !== null, "the start");
    body.push("abc");
    body.fail(new GatewayError("client-body-too-large", 413, "too large", { source: "client" }));
    await refused;
    await until(() => closed, "the close");
  });

  it("that is not as long as announced never reaches the next request", async () => {
    for (const [pieces, ends] of [
      [["abc", "defgh"], false],
      [["abc"], true],
    ] as const) {
      let received = "";
      const url = await rawUpstream(cleanup, (socket) => socket.on("data", (bytes) => (received += String(bytes))));
      const body = new ManualBody(5);
      const responding = send(forwarder(cleanup, { backends: [backend([url])] }), exchange({ method: "POST", body }));
      const refused = assert.rejects(responding, isCode("client-malformed", 400));
      await until(() => body.sink !== null, "the start");
      for (const piece of pieces) body.push(piece);
      if (ends) body.end();
      await refused;
      assert.doesNotMatch(received, /def/);
    }
  });

  it("can be sent once only", async () => {
    const upstream = await httpUpstream(
      cleanup,
      (request, response) => void request.resume().on("end", () => response.end()),
    );
    const via = forwarder(cleanup, { backends: [backend([upstream.url])] });
    const body = new ManualBody(3);
    const made = exchange({ method: "PUT", body });
    const first = send(via, made);
    await until(() => body.sink !== null, "the start");
    body.push("abc");
    body.end();
    await readAll((await first).body);
    await assert.rejects(send(via, made), isCode("internal", 500));
  });
});

describe("another attempt", () => {
  it("drops the response before it, whose connection closes", async () => {
    let closed = 0;
    const url = await rawUpstream(cleanup, (socket, nth) => {
      socket.on("close", () => (closed += 1));
      socket.on("data", () => socket.write(`HTTP/1.1 ${nth === 1 ? 503 : 200} X\r\nContent-Length: 9\r\n\r\nabc`));
    });
    const via = forwarder(cleanup, { backends: [backend([url])] });
    const made = exchange();
    assert.equal((await send(via, made)).status, 503);
    const second = await send(via, made);
    assert.equal(second.status, 200);
    await until(() => closed === 1, "the close");
    via.abort(made);
    await until(() => closed === 2, "the second close");
  });

  it("is refused while the one before has no answer", async () => {
    const url = await rawUpstream(cleanup, (socket) => socket.resume());
    const via = forwarder(cleanup, { backends: [backend([url])] });
    const made = exchange();
    const first = assert.rejects(send(via, made), isCode("client-aborted"));
    await assert.rejects(send(via, made), isCode("internal", 500));
    via.abort(made);
    await first;
  });
});

describe("abort", () => {
  it("rejects what is pending and closes the connection at once", async () => {
    let closed = false;
    let arrived = false;
    const url = await rawUpstream(cleanup, (socket) => {
      socket.on("data", () => (arrived = true));
      socket.on("close", () => (closed = true));
    });
    const via = forwarder(cleanup, { backends: [backend([url])] });
    const made = exchange();
    const refused = assert.rejects(send(via, made), isCode("client-aborted", 499));
    await until(() => arrived, "the request");
    via.abort(made);
    await refused;
    await until(() => closed, "the close");
    via.abort(made);
  });

  it("rejects within the same tick", async () => {
    const url = await rawUpstream(cleanup, (socket) => socket.resume());
    const via = forwarder(cleanup, { backends: [backend([url])] });
    const made = exchange();
    let rejected = false;
    const settled = send(via, made).catch(() => (rejected = true));
    via.abort(made);
    await Promise.resolve();
    await Promise.resolve();
    assert.equal(rejected, true);
    await settled;
  });

  it("stops a body under way without another call, and its upload", async () => {
    let closed = false;
    const url = await rawUpstream(cleanup, (socket) => {
      socket.on("close", () => (closed = true));
      socket.once("data", () => socket.write("HTTP/1.1 200 OK\r\n\r\nabc"));
    });
    const via = forwarder(cleanup, { backends: [backend([url])] });
    const body = new ManualBody();
    const made = exchange({ method: "POST", body });
    const response = await send(via, made);
    const calls: string[] = [];
    response.body?.start({
      data: () => calls.push("data"),
      end: () => calls.push("end"),
      fail: () => calls.push("fail"),
    });
    via.abort(made);
    assert.equal(body.cancelled, true);
    await until(() => closed, "the close");
    assert.deepEqual(calls, ["data"]);
  });

  it("takes a waiting request out of the queue", async () => {
    const url = await rawUpstream(cleanup, (socket) => socket.resume());
    const via = forwarder(cleanup, { backends: [backend([url], { maxConnections: 1, maxWaiting: 1 })] });
    const first = exchange();
    const second = exchange();
    const third = exchange();
    const pending = [first, second].map((made) => assert.rejects(send(via, made), isCode("client-aborted")));
    await assert.rejects(send(via, third), isCode("upstream-unavailable", 503));
    via.abort(second);
    const fourth = exchange();
    pending.push(assert.rejects(send(via, fourth), isCode("client-aborted")));
    via.abort(fourth);
    via.abort(first);
    await Promise.all(pending);
  });

  it("by cancelling the body closes the connection", async () => {
    let closed = false;
    const url = await rawUpstream(cleanup, (socket) => {
      socket.on("close", () => (closed = true));
      socket.once("data", () => socket.write("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"));
    });
    const response = await send(forwarder(cleanup, { backends: [backend([url])] }), exchange());
    response.body?.cancel();
    response.body?.cancel();
    await until(() => closed, "the close");
  });
});
