import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { request, type IncomingMessage, type ServerResponse } from "node:http";
import { after, before, describe, it } from "node:test";
import { promisify } from "node:util";
import { brotliDecompressSync, createGunzip, gunzipSync, gzipSync, zstdDecompressSync } from "node:zlib";
import { startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import { needsCommand } from "#test/support/require.ts";
import { startUpstream, type TestUpstream } from "#test/support/upstream.ts";

const run = promisify(execFile);
const text = "All work and no play makes a dull gateway.\n".repeat(500);

/** What the upstream answers, by path. */
const answers: Readonly<Record<string, (request: IncomingMessage, response: ServerResponse) => void>> = {
  "/text": (_, response) => {
    response.writeHead(200, { "content-type": "text/plain", "content-length": text.length, "accept-ranges": "bytes" });
    response.end(text);
  },
  "/tagged": ({ headers }, response) => {
    const seen = [headers["if-none-match"], headers["if-match"]].join("|");
    const fields = { etag: '"v1"', "x-seen": seen, vary: "Cookie" };
    const match = headers["if-match"];
    if (match !== undefined && !match.includes('"v1"')) response.writeHead(412, fields).end();
    else if (headers["if-none-match"]?.includes('"v1"') === true) response.writeHead(304, fields).end();
    else response.writeHead(200, { ...fields, "content-type": "application/json" }).end(JSON.stringify({ text }));
  },
  "/weak": (_, response) => response.writeHead(200, { etag: 'W/"v1"', "content-type": "text/html" }).end(text),
  "/encoded": (_, response) =>
    response
      .writeHead(200, { "content-encoding": "gzip", "content-type": "text/plain", etag: '"e"' })
      .end(gzipSync(text)),
  "/private": (_, response) =>
    response.writeHead(200, { "cache-control": "private, no-transform", "content-type": "text/plain" }).end(text),
  "/part": (_, response) =>
    response
      .writeHead(206, { "content-range": `bytes 0-1999/${text.length}`, "content-type": "text/plain" })
      .end(text.slice(0, 2000)),
  "/picture": (_, response) => response.writeHead(200, { "content-type": "image/png" }).end(text),
  "/short": (_, response) => response.writeHead(200, { "content-type": "text/plain", "content-length": 2 }).end("ok"),
  "/events": (_, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write("data: 1\n\n");
  },
  "/trickle": (_, response) => {
    response.writeHead(200, { "content-type": "text/plain", trailer: "X-End" });
    response.write("first\n");
    response.addTrailers({ "X-End": "yes" });
    trickling.push(response);
  },
  "/broken": (_, response) => {
    response.writeHead(200, { "content-type": "text/plain" });
    response.write(text);
    setTimeout(() => response.destroy(), 100);
  },
};
const trickling: ServerResponse[] = [];

const definition = (url: string): string => `version: 1
edge: { https: off, listen: { http: "127.0.0.1:0" } }
compress: true
apis:
  all: { path: /, backend: up, access: public }
  cached:
    path: /cached
    backend: up
    access: public
    policies: { inbound: [base, { cache-lookup: { semantics: http } }], outbound: [{ cache-store: 60s }, base] }
  static: { path: /static, access: public, respond: { body: "${"static ".repeat(300)}" } }
  off: { path: /off, backend: up, access: public, compress: false }
  listed: { path: /listed, backend: up, access: public, compress: { codings: [gzip], types: [text/event-stream], minSize: 0 } }
backends: { up: { url: "${url}" } }
`;

interface Got {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly trailers: IncomingMessage["trailers"];
  readonly body: Buffer;
  readonly complete: boolean;
}

describe("compression, over the whole gateway", () => {
  let upstream: TestUpstream;
  let gateway: TestGateway;

  before(async () => {
    upstream = await startUpstream((asked, response) => {
      const answer = answers[(asked.url ?? "").replace(/^.*\//, "/")];
      if (answer === undefined) response.writeHead(404).end();
      else answer(asked, response);
    });
    gateway = await startTestGateway({ definition: definition(upstream.url), args: ["--workers", "1"] });
  });
  after(async () => {
    await gateway.cleanUp();
    await upstream.close();
  });

  function get(path: string, headers: Readonly<Record<string, string>> = {}, method: string = "GET"): Promise<Got> {
    return new Promise((resolve, reject) => {
      let answered = false;
      const asked = request(
        { host: "127.0.0.1", port: gateway.port, path, method, headers, agent: false },
        (response) => {
          const chunks: Buffer[] = [];
          answered = true;
          response.on("data", (chunk: Buffer) => chunks.push(chunk));
          response.on("error", () => {});
          response.on("close", () => {
            const { statusCode: status = 0, trailers, complete } = response;
            resolve({ status, headers: response.headers, trailers, complete, body: Buffer.concat(chunks) });
          });
        },
      );
      // After the head, what ends the response is told by `complete`.
      asked.on("error", (error) => {
        if (!answered) reject(error);
      });
      asked.end();
    });
  }

  const unpack = { gzip: gunzipSync, br: brotliDecompressSync, zstd: zstdDecompressSync } as const;
  for (const coding of ["gzip", "br", "zstd"] as const) {
    it(`${coding}: smaller, whole, and said to vary`, async () => {
      const { headers, body } = await get("/text", { "accept-encoding": coding });
      assert.equal(headers["content-encoding"], coding);
      assert.equal(headers["vary"], "Accept-Encoding");
      assert.deepEqual([headers["content-length"], headers["accept-ranges"]], [undefined, undefined]);
      assert.ok(body.length < text.length / 10);
      assert.equal(unpack[coding](body).toString(), text);
    });
  }

  it("curl unpacks it", { ...needsCommand("curl") }, async () => {
    const { stdout } = await run("curl", ["--silent", "--compressed", `http://127.0.0.1:${gateway.port}/text`]);
    assert.equal(stdout, text);
  });

  it("tells HEAD the same as GET", async () => {
    for (const accept of ["gzip", "identity"]) {
      const [one, two] = [
        await get("/text", { "accept-encoding": accept }),
        await get("/text", { "accept-encoding": accept }, "HEAD"),
      ];
      for (const name of ["content-encoding", "vary", "content-length", "etag"]) {
        assert.equal(two.headers[name], one.headers[name], `${accept}: ${name}`);
      }
      assert.equal(two.body.length, 0);
    }
  });

  for (const [path, accept, vary, why] of [
    ["/text", "", "Accept-Encoding", "nothing is asked for"],
    ["/text", "gzip;q=0", "Accept-Encoding", "it is refused"],
    ["/text", "deflate", "Accept-Encoding", "it is not on offer"],
    ["/encoded", "gzip", undefined, "it is encoded already"],
    ["/private", "gzip", undefined, "it says no-transform"],
    ["/part", "gzip", undefined, "it is a part"],
    ["/picture", "gzip", undefined, "of its type"],
    ["/short", "gzip", undefined, "it is short"],
    ["/off/text", "gzip", undefined, "it is off"],
  ] as const) {
    it(`${path} for ${JSON.stringify(accept)} stays as it is: ${why}`, async () => {
      const { headers, body } = await get(path, { "accept-encoding": accept });
      assert.equal(headers["content-encoding"], path === "/encoded" ? "gzip" : undefined);
      if (path !== "/part") assert.equal(headers["vary"], vary);
      assert.equal(
        (path === "/encoded" ? gunzipSync(body) : body).toString(),
        path === "/short" ? "ok" : text.slice(0, path === "/part" ? 2000 : undefined),
      );
    });
  }

  it("what is answered here is compressed as well", async () => {
    const { headers, body } = await get("/static", { "accept-encoding": "zstd" });
    assert.equal(headers["content-encoding"], "zstd");
    assert.equal(zstdDecompressSync(body).toString(), "static ".repeat(300));
  });

  it("a short response is compressed for who refuses it as it is", async () => {
    const { headers, body } = await get("/short", { "accept-encoding": "gzip, identity;q=0" });
    assert.equal(headers["content-encoding"], "gzip");
    assert.equal(gunzipSync(body).toString(), "ok");
  });

  it("conditions work both ways: the tag is the origin's with the coding", async () => {
    const gzip = { "accept-encoding": "gzip" };
    const first = await get("/tagged", gzip);
    assert.equal(first.headers.etag, '"v1-gzip"');
    assert.equal(first.headers["vary"], "Cookie, Accept-Encoding");
    const again = await get("/tagged", { ...gzip, "if-none-match": '"v1-gzip"' });
    assert.deepEqual([again.status, again.headers.etag], [304, '"v1-gzip"']);
    assert.equal(again.headers["vary"], "Cookie, Accept-Encoding");
    assert.equal(again.headers["x-seen"], '"v1-gzip", "v1"|');
    const plain = await get("/tagged", { ...gzip, "if-none-match": '"v1"' });
    assert.deepEqual([plain.status, plain.headers.etag], [304, '"v1"']);
    const weak = await get("/tagged", { ...gzip, "if-none-match": 'W/"v1-gzip"' });
    assert.deepEqual([weak.status, weak.headers.etag], [304, '"v1-gzip"']);
    const other = await get("/tagged", { ...gzip, "if-none-match": '"v1-br"' });
    assert.deepEqual(
      [other.status, other.headers.etag],
      [200, '"v1-gzip"'],
      "another coding is another representation",
    );
    const stale = await get("/tagged", { ...gzip, "if-none-match": '"v0-gzip"' });
    assert.equal(stale.status, 200);
  });

  it("conditions work over a cache as well, which keeps what the origin sent", async () => {
    const gzip = { "accept-encoding": "gzip" };
    assert.equal((await get("/cached/tagged", gzip)).headers.etag, '"v1-gzip"');
    const asked = upstream.seen.length;
    const again = await get("/cached/tagged", { ...gzip, "if-none-match": '"v1-gzip"' });
    assert.deepEqual([again.status, again.headers.etag], [304, '"v1-gzip"']);
    const other = await get("/cached/tagged", { "accept-encoding": "br" });
    assert.deepEqual([other.headers["content-encoding"], other.headers.etag], ["br", '"v1-br"']);
    assert.equal(upstream.seen.length, asked);
  });

  it("a change guarded by If-Match finds its resource, whatever form it was read in", async () => {
    for (const tag of ['"v1-gzip"', '"v1-br"', '"v1"']) {
      assert.notEqual((await get("/tagged", { "if-match": tag }, "PUT")).status, 412, tag);
    }
    assert.equal((await get("/tagged", { "if-match": '"v0-gzip"' }, "PUT")).status, 412);
    assert.equal((await get("/weak", { "accept-encoding": "br" })).headers.etag, 'W/"v1-br"');
  });

  it("a stream that trickles arrives as it comes, trailers and all", async () => {
    const parts: string[] = [];
    let done: (trailers: unknown) => void;
    const trailers = new Promise((resolve) => (done = resolve));
    request(
      { host: "127.0.0.1", port: gateway.port, path: "/trickle", headers: { "accept-encoding": "gzip" } },
      (response) => {
        response
          .pipe(createGunzip())
          .on("data", (chunk: Buffer) => {
            parts.push(chunk.toString());
            const origin = trickling.at(-1);
            if (parts.length < 4) origin?.write(`${parts.length}\n`);
            else origin?.end();
          })
          .on("end", () => done(response.trailers));
      },
    ).end();
    assert.deepEqual(await trailers, { "x-end": "yes" });
    assert.equal(parts.join(""), "first\n1\n2\n3\n");
  });

  it("an event stream stays as it is, unless its type is listed, and then is flushed", async () => {
    for (const [path, coding] of [
      ["/events", undefined],
      ["/listed/events", "gzip"],
    ] as const) {
      const first = await new Promise<string>((resolve) => {
        request({ host: "127.0.0.1", port: gateway.port, path, headers: { "accept-encoding": "gzip" } }, (response) => {
          assert.equal(response.headers["content-encoding"], coding);
          const source = coding === undefined ? response : response.pipe(createGunzip());
          source.on("error", () => {});
          source.once("data", (chunk: Buffer) => {
            resolve(chunk.toString());
            response.destroy();
          });
        }).end();
      });
      assert.equal(first, "data: 1\n\n");
    }
  });

  it("a body that breaks off is seen to", async () => {
    const { status, complete } = await get("/broken", { "accept-encoding": "br" });
    assert.deepEqual([status, complete], [200, false]);
  });

  it("many clients that do not read hold a bounded number of coders, and nobody else is kept waiting", async () => {
    const held = await Promise.all(
      Array.from(
        { length: 80 },
        () =>
          new Promise<IncomingMessage>((resolve, reject) => {
            const asked = request(
              {
                host: "127.0.0.1",
                port: gateway.port,
                path: "/trickle",
                headers: { "accept-encoding": "br" },
                agent: false,
              },
              resolve,
            );
            asked.on("error", reject).end();
          }),
      ),
    );
    const coded = held.filter(({ headers }) => headers["content-encoding"] === "br").length;
    assert.equal(coded, 64);
    const more = await get("/text", { "accept-encoding": "gzip" });
    assert.deepEqual([more.headers["content-encoding"], more.headers["vary"]], [undefined, "Accept-Encoding"]);
    for (const response of held) response.destroy();
    let coding: string | undefined;
    for (let tries = 0; coding === undefined && tries < 200; tries += 1) {
      coding = (await get("/text", { "accept-encoding": "gzip" })).headers["content-encoding"];
    }
    assert.equal(coding, "gzip", "who leaves gives back");
  });
});
