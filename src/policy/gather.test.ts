import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { describe, it } from "node:test";
import { brotliCompressSync, constants, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import type { BodySink, BodySource } from "#model/body.ts";
import { GatewayError } from "#model/errors.ts";
import { ResponseDraft } from "#model/exchange.ts";
import { HeaderList } from "#model/header-list.ts";
import { exchangeFor } from "#notation/cel/exchange.test-helper.ts";
import { BodyRoom } from "./body-room.ts";
import { gather } from "./gather.ts";

/** A body that comes when it is told to. */
class Arriving implements BodySource {
  length: number | undefined = undefined;
  sink: BodySink | null = null;
  cancelled = false;
  start(sink: BodySink): void {
    this.sink = sink;
  }
  pause(): void {}
  resume(): void {}
  cancel(): void {
    this.cancelled = true;
  }
}

const ofRequest = { request: true, response: false };

function isCode(code: string): (error: unknown) => boolean {
  return (error) => error instanceof GatewayError && error.code === code;
}

describe("gathering bodies", () => {
  it("waits for the whole of one that is still coming, and holds its room until it is given back", async () => {
    const [body, room] = [new Arriving(), new BodyRoom(100, 100)];
    const exchange = exchangeFor([], { body });
    const done = gather(exchange, ofRequest, room);
    body.sink?.data(Buffer.from("ab"));
    body.sink?.data(Buffer.from("c"));
    body.sink?.end(null);
    await done;
    assert.equal(String(exchange.request.body), "abc");
    assert.deepEqual([exchange.gatheredBytes, room.held], [3, 3]);
    assert.equal(gather(exchange, ofRequest, room), undefined, "what is there is not read again");
  });

  it("has nothing to wait for without a body, before a response, and behind a switch of protocols", () => {
    const room = new BodyRoom(100, 100);
    const exchange = exchangeFor();
    assert.equal(gather(exchange, { request: true, response: true }, room), undefined);
    exchange.response = new ResponseDraft(101, "", new HeaderList(), new Arriving(), "upstream");
    assert.equal(gather(exchange, { request: true, response: true }, room), undefined);
  });

  it("refuses what says that it is too large before it is sent, and what becomes too large", async () => {
    const room = new BodyRoom(4, 100);
    const said = new Arriving();
    said.length = 5;
    await assert.rejects(
      gather(exchangeFor([], { body: said }), ofRequest, room) ?? Promise.resolve(),
      isCode("client-body-too-large"),
    );
    assert.deepEqual([said.cancelled, said.sink], [true, null]);

    const grown = new Arriving();
    const exchange = exchangeFor();
    exchange.response = new ResponseDraft(200, "", new HeaderList(), grown, "upstream");
    const pending = gather(exchange, { request: false, response: true }, room);
    grown.sink?.data(Buffer.from("abc"));
    grown.sink?.data(Buffer.from("de"));
    await assert.rejects(pending ?? Promise.resolve(), isCode("upstream-too-large"));
    assert.equal(grown.cancelled, true);
  });

  it("holds no more at a time than there is room for, but always one", async () => {
    const room = new BodyRoom(100, 10);
    const [first, second] = [new Arriving(), new Arriving()];
    const one = gather(exchangeFor([], { body: first }), ofRequest, room);
    const two = gather(exchangeFor([], { body: second }), ofRequest, room);
    first.sink?.data(Buffer.alloc(50));
    second.sink?.data(Buffer.alloc(1));
    await assert.rejects(two ?? Promise.resolve(), isCode("body-room-full"));
    first.sink?.end(null);
    await one;
  });

  it("fails as the body fails", async () => {
    const body = new Arriving();
    const pending = gather(exchangeFor([], { body }), ofRequest, new BodyRoom(100, 100));
    body.sink?.fail(new GatewayError("client-aborted", 499, "gone"));
    await assert.rejects(pending ?? Promise.resolve(), isCode("client-aborted"));
  });
});

const ofResponse = { request: false, response: true };

function coded(body: Uint8Array, coding: string, ...more: string[]): ReturnType<typeof exchangeFor> {
  const exchange = exchangeFor();
  exchange.response = new ResponseDraft(
    200,
    "",
    new HeaderList(["Content-Encoding", coding, ...more]),
    body,
    "upstream",
  );
  return exchange;
}

describe("coded bodies", () => {
  const text = Buffer.from("lantern ".repeat(10));
  const forms: readonly (readonly [string, Uint8Array])[] = [
    ["gzip", gzipSync(text)],
    ["X-GZip", gzipSync(text)],
    ["deflate", deflateSync(text)],
    ["deflate", deflateRawSync(text)],
    ["br", brotliCompressSync(text)],
    ["zstd", zstdCompressSync(text)],
    ["identity", text],
    ["gzip, br", brotliCompressSync(gzipSync(text))],
  ];
  for (const [coding, body] of forms) {
    it(`are decoded: ${coding}`, async () => {
      const exchange = coded(body, coding, "ETag", '"1"', "Content-Digest", "x", "Vary", "accept-encoding");
      await gather(exchange, ofResponse, new BodyRoom(1000, 1000));
      assert.equal(String(exchange.response?.body), String(text));
      if (coding !== "identity") {
        assert.deepEqual(exchange.response?.headers.raw, ["ETag", 'W/"1"', "Vary", "accept-encoding"]);
      }
    });
  }

  it("of requests are decoded as they come, and hold room for both forms until it is over", async () => {
    const [body, room] = [new Arriving(), new BodyRoom(100, 1000)];
    const exchange = exchangeFor(["Content-Encoding", "gzip"], { body });
    const done = gather(exchange, ofRequest, room);
    const bytes = gzipSync(text);
    body.sink?.data(bytes.subarray(0, 5));
    body.sink?.data(bytes.subarray(5));
    body.sink?.end(null);
    await done;
    assert.equal(String(exchange.request.body), String(text));
    assert.deepEqual([exchange.request.headers.raw, exchange.facts.headers.raw], [[], ["Content-Encoding", "gzip"]]);
    assert.deepEqual([room.held, exchange.gatheredBytes], [bytes.length + text.length, bytes.length + text.length]);
  });

  it("that would become too large are stopped, however small they come", async () => {
    const bomb = gzipSync(Buffer.alloc(50_000_000));
    const room = new BodyRoom(100_000, 1_000_000);
    await assert.rejects(
      gather(coded(bomb, "gzip"), ofResponse, room) ?? Promise.resolve(),
      isCode("upstream-too-large"),
    );
    assert.ok(room.held <= 100_000, `${room.held}`);
    const twice = gzipSync(gzipSync(Buffer.alloc(50_000_000)));
    await assert.rejects(
      gather(coded(twice, "gzip, gzip"), ofResponse, room) ?? Promise.resolve(),
      isCode("upstream-too-large"),
    );
  });

  it("that need more memory to decode than HTTP allows are refused", async () => {
    const params = { [constants.ZSTD_c_windowLog]: 27, [constants.ZSTD_c_contentSizeFlag]: 0 };
    const wide = zstdCompressSync(Buffer.alloc(20_000_000), { params });
    const room = new BodyRoom(30_000_000, 100_000_000);
    await assert.rejects(
      gather(coded(wide, "zstd"), ofResponse, room) ?? Promise.resolve(),
      isCode("upstream-malformed"),
    );
  });

  it("that are unknown, too many or broken are refused", async () => {
    const room = new BodyRoom(1000, 1000);
    const source = new Arriving();
    const unknown = gather(exchangeFor(["Content-Encoding", "compress"], { body: source }), ofRequest, room);
    await assert.rejects(unknown ?? Promise.resolve(), isCode("client-coding-unsupported"));
    assert.equal(source.sink, null, "it is not even read");
    for (const [body, coding, code] of [
      [gzipSync(text), "gzip, gzip, gzip", "upstream-coding-unsupported"],
      [gzipSync(text).subarray(0, 20), "gzip", "upstream-malformed"],
      [text, "br", "upstream-malformed"],
    ] as const) {
      await assert.rejects(gather(coded(body, coding), ofResponse, room) ?? Promise.resolve(), isCode(code));
    }
  });

  it("take no room for somebody who has gone away", async () => {
    const room = new BodyRoom(1000, 1000);
    const exchange = coded(gzipSync(text), "gzip");
    const pending = gather(exchange, ofResponse, room);
    exchange.aborted = true;
    await assert.rejects(pending ?? Promise.resolve(), isCode("client-aborted"));
    assert.equal(room.held, 0);
  });

  it("that are many wait for a decoder", async () => {
    const room = new BodyRoom(1000, 100_000);
    const exchanges = Array.from({ length: 20 }, () => coded(brotliCompressSync(text), "br"));
    await Promise.all(exchanges.map((exchange) => gather(exchange, ofResponse, room)));
    for (const { response } of exchanges) assert.equal(String(response?.body), String(text));
  });
});
