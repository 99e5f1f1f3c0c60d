import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, describe, it } from "node:test";
import { closing, eventually, makeCa, readBody, reply, run, type Running } from "#edge/harness.test.ts";
import type { Exchange } from "#model/exchange.ts";
import { HeaderList } from "#model/header-list.ts";
import { endHeaders, endStream, frame, frameType, literal, number32 } from "#test/soak/h2-frames.ts";
import { RawHttp2, requestFrame } from "#test/support/raw-http2.ts";

const code = {
  none: 0,
  protocol: 1,
  flowControl: 3,
  streamClosed: 5,
  frameSize: 6,
  refused: 7,
  cancel: 8,
  compression: 9,
  calm: 11,
} as const;

const ping = frame(frameType.ping, 0, 0, Buffer.alloc(8));
const update = (stream: number, bytes: number): Buffer => frame(frameType.windowUpdate, 0, stream, number32(bytes));
const reset = (stream: number, why: number): Buffer => frame(frameType.reset, 0, stream, number32(why));
const data = (stream: number, bytes: Buffer | string, flags = 0): Buffer =>
  frame(frameType.data, flags, stream, Buffer.from(bytes));
const setting = (name: number, value: number): Buffer => Buffer.concat([Buffer.from([0, name]), number32(value)]);
const settings = (...pairs: readonly (readonly [number, number])[]): Buffer =>
  frame(frameType.settings, 0, 0, Buffer.concat(pairs.map(([name, value]) => setting(name, value))));

/** Frame by frame: what no client library sends, and how much comes back when. @see RFC 9113 */
describe("HTTP/2 frames against the edge", () => {
  let running: Running;
  let authorities: Awaited<ReturnType<typeof makeCa>>;
  let onExchange: (exchange: Exchange) => void;
  const opened: RawHttp2[] = [];

  before(async () => {
    authorities = await makeCa();
    const { chain, key } = await authorities.ca.issue(["api.test"]);
    running = await run({
      tls: "internal",
      limits: { headerBytes: 4096 },
      edge: { certificates: [{ hosts: ["api.test"], certPem: chain, keyPem: key }] },
      onExchange: (exchange) => onExchange(exchange),
    });
  });
  after(async () => {
    for (const client of opened) client.socket.destroy();
    await running.stop();
    await authorities.remove();
    assert.deepEqual(running.edge.stats(), { connections: 0, inFlight: 0 }, "nothing is left over");
  });

  async function open(...initial: readonly (readonly [number, number])[]): Promise<RawHttp2> {
    onExchange = (exchange) => reply(exchange, 200, "ok");
    const all = Buffer.concat(initial.map(([name, value]) => setting(name, value)));
    const client = await RawHttp2.open(running.https, authorities.ca.rootCertificatePem, "api.test", all);
    opened.push(client);
    return client;
  }

  const get = (stream: number, path = "/"): Buffer => requestFrame(stream, endStream, "GET", path, "api.test");
  const post = (stream: number, ...more: readonly Buffer[]): Buffer =>
    requestFrame(stream, 0, "POST", "/", "api.test", more);

  it("answers, acknowledges settings and pings, and says what it takes", async () => {
    const client = await open();
    client.send(get(1), frame(frameType.ping, 0, 0, Buffer.from("pingpong")));
    await client.until("the answer", () => client.body(1).toString() === "ok");
    assert.equal(client.status(1), 200);
    const [own, ack] = client.of(frameType.settings, 0);
    const expected = [setting(3, 100), setting(4, 256 * 1024), setting(6, 4096), setting(8, 1)];
    assert.deepEqual([own?.flags, own?.payload], [0, Buffer.concat(expected)]);
    assert.deepEqual([ack?.flags, ack?.payload.length], [1, 0]);
    assert.equal(client.of(frameType.ping, 0)[0]?.payload.toString(), "pingpong");
    assert.equal(client.of(frameType.data, 1).at(-1)?.flags, endStream, "END_STREAM comes with the last data");
  });

  it("does not care for priorities, frames to come, padding, and answers to what it never asked", async () => {
    const client = await open();
    const head = requestFrame(1, endStream, "GET", "/", "api.test").subarray(9);
    const padded = Buffer.concat([Buffer.from([3]), Buffer.alloc(5), head, Buffer.alloc(3)]);
    client.send(
      frame(frameType.priority, 0, 9, Buffer.alloc(5)),
      frame(0x77, 0xff, 0, Buffer.alloc(50)),
      frame(0x10, 0, 1, Buffer.from("u=3")),
      frame(frameType.ping, 1, 0, Buffer.alloc(8)),
      frame(frameType.settings, 1, 0),
      frame(frameType.headers, endStream | endHeaders | 0x8 | 0x20, 1, padded),
    );
    await client.until("the answer", () => client.status(1) === 200);
    assert.equal(client.goneWith, null);
  });

  it("reads a head over many frames, and trailers behind a body", async () => {
    const client = await open();
    let seen: readonly string[] | null = null;
    onExchange = async (exchange) => {
      const { bytes, trailers } = await readBody(exchange.facts.body);
      seen = [bytes.toString(), ...(trailers ?? [])];
      reply(exchange, 200, "ok");
    };
    const block = post(1).subarray(9);
    client.send(
      frame(frameType.headers, 0, 1, block.subarray(0, 3)),
      frame(frameType.continuation, 0, 1, block.subarray(3, 3)),
      frame(frameType.continuation, endHeaders, 1, block.subarray(3)),
      data(1, "body"),
      frame(frameType.headers, endStream, 1, literal("x-sum", "7")),
      frame(frameType.continuation, endHeaders, 1, literal("x-more", "8")),
    );
    await client.until("the answer", () => client.status(1) === 200);
    assert.deepEqual(seen, ["body", "x-sum", "7", "x-more", "8"]);
  });

  /** What ends the connection, with which error. */
  const fatal: Readonly<Record<string, readonly [number, readonly Buffer[]]>> = {
    "a stream of ours": [code.protocol, [get(2)]],
    "a stream that is older than one before": [code.streamClosed, [get(5), ping, get(3)]],
    "a stream that is over": [code.streamClosed, [get(1), ping, get(1)]],
    "DATA on a stream that was never opened": [code.protocol, [data(1, "x")]],
    "DATA on a stream whose request is over": [code.streamClosed, [get(1), data(1, "x")]],
    "RST_STREAM on one that was never opened": [code.protocol, [reset(3, code.cancel)]],
    "WINDOW_UPDATE on one that was never opened": [code.protocol, [update(3, 1)]],
    PUSH_PROMISE: [code.protocol, [frame(5, endHeaders, 1, number32(2))]],
    "CONTINUATION behind nothing": [code.protocol, [frame(frameType.continuation, endHeaders, 1)]],
    "another frame within a head": [code.protocol, [frame(frameType.headers, 0, 1), ping]],
    "DATA within a head": [code.protocol, [frame(frameType.headers, 0, 1), data(1, "x")]],
    "CONTINUATION of another stream": [
      code.protocol,
      [frame(frameType.headers, 0, 1), frame(frameType.continuation, endHeaders, 3)],
    ],
    "a head that is no header block": [
      code.compression,
      [frame(frameType.headers, endHeaders | endStream, 1, Buffer.from([0x80]))],
    ],
    "a window of no bytes more": [code.protocol, [update(0, 0)]],
    "a window that is too large": [code.flowControl, [update(0, 0x7fff_ffff)]],
    "windows that settings make too large": [code.flowControl, [settings([4, 2 ** 31])]],
    "push that is neither on nor off": [code.protocol, [settings([2, 2])]],
    "frames that may be too small": [code.protocol, [settings([5, 100])]],
    "too many settings": [code.calm, [settings(...Array.from({ length: 33 }, () => [0xf0, 1] as const))]],
    "a frame that is too large": [code.frameSize, [data(1, Buffer.alloc(16_385))]],
    "more padding than frame": [code.protocol, [post(1), frame(frameType.data, 0x8, 1, Buffer.from([9, 1]))]],
    "more DATA than the connection's window": [
      code.flowControl,
      // Nobody reads them, so that from some point on no more is given back.
      Array.from({ length: 38 }, (_, at) => 2 * at + 1).flatMap((id) => [
        post(id),
        ...Array.from({ length: 16 }, () => data(id, Buffer.alloc(16_384))),
      ]),
    ],
  };
  for (const [name, [error, frames]] of Object.entries(fatal)) {
    it(`ends the connection for ${name}`, async () => {
      const client = await open();
      onExchange = (exchange) => void closing(exchange);
      if (name === "a stream that is over" || name.startsWith("a stream that is older")) {
        onExchange = (exchange) => reply(exchange, 200, "");
      }
      for (const one of frames) {
        client.send(one);
        if (one === ping && !name.includes("head"))
          await client.until("the pong", () => client.of(frameType.ping, 0).length > 0);
      }
      await client.until("the end", () => client.closed);
      assert.equal(client.goneWith, error);
    });
  }

  it("ends a connection whose first frame is not SETTINGS", async () => {
    const client = await open();
    const { socket } = client;
    socket.destroy();
    const other = await RawHttp2.open(running.https, authorities.ca.rootCertificatePem, "api.test");
    opened.push(other);
    await other.settle();
    assert.equal(other.goneWith, null);
  });

  /** What ends its stream alone, with which error. */
  const wrong: Readonly<Record<string, readonly [number, readonly Buffer[]]>> = {
    "a name in upper case": [code.protocol, [post(1, literal("X-Upper", "1"))]],
    "a value with a line end": [code.protocol, [post(1, literal("x", "a\r\nb"))]],
    "a value with a blank in front": [code.protocol, [post(1, literal("x", " a"))]],
    "a pseudo-header field that comes late": [code.protocol, [post(1, literal("x", "1"), literal(":scheme", "https"))]],
    "a pseudo-header field twice": [code.protocol, [post(1, literal(":path", "/b"))]],
    "no path": [code.protocol, [frame(frameType.headers, endHeaders, 1, Buffer.from([0x82, 0x87]))]],
    "a body that is longer than it says": [code.protocol, [post(1, literal("content-length", "3")), data(1, "four")]],
    "a body that is shorter": [code.protocol, [post(1, literal("content-length", "5")), data(1, "four", endStream)]],
    "trailers that are not the end": [
      code.protocol,
      [post(1), frame(frameType.headers, endHeaders, 1, literal("x", "1"))],
    ],
    "trailers with a pseudo-header field": [
      code.protocol,
      [post(1), frame(frameType.headers, endHeaders | endStream, 1, literal(":path", "/"))],
    ],
    "trailers that are too long": [
      code.calm,
      [
        post(1),
        frame(
          frameType.headers,
          endHeaders | endStream,
          1,
          Buffer.concat(Array.from({ length: 50 }, () => literal("x", "y".repeat(100)))),
        ),
      ],
    ],
    "a window of no bytes more": [code.protocol, [post(1), update(1, 0)]],
    "a window that is too large": [code.flowControl, [post(1), update(1, 0x7fff_ffff)]],
    "more DATA than its window": [
      code.flowControl,
      [post(1), ...Array.from({ length: 17 }, () => data(1, Buffer.alloc(16_384)))],
    ],
  };
  for (const [name, [error, frames]] of Object.entries(wrong)) {
    it(`resets the stream for ${name}, and goes on`, async () => {
      const client = await open();
      onExchange = (exchange) =>
        exchange.facts.path === "/next" ? reply(exchange, 200, "ok") : void closing(exchange);
      client.send(...frames, get(3, "/next"));
      await client.until("the next answer", () => client.status(3) === 200);
      assert.deepEqual([client.resetWith(1), client.status(1), client.goneWith], [error, 0, null]);
      await eventually(() => running.edge.stats().inFlight === 0, "nothing is in flight");
    });
  }

  it("refuses the streams above a hundred, and a client that does not stop", async () => {
    const client = await open();
    const held: Exchange[] = [];
    onExchange = (exchange) => {
      held.push(exchange);
      void closing(exchange);
    };
    client.send(...Array.from({ length: 101 }, (_, at) => get(2 * at + 1)));
    await client.until("a refusal", () => client.resetWith(201) === code.refused);
    assert.equal(held.length, 100);
    reply(held[0] as Exchange, 200, "");
    await client.until("the answer", () => client.status(1) === 200);
    client.send(get(203));
    await eventually(() => held.length === 101, "there is room for one again");
    client.send(...Array.from({ length: 100 }, (_, at) => get(2 * at + 205)));
    await client.until("the end", () => client.closed);
    assert.equal(client.goneWith, code.calm);
  });

  it("ends a connection of empty DATA frames, and one that makes it reset its streams", async () => {
    const empty = await open();
    onExchange = (exchange) => void closing(exchange);
    empty.send(post(1), ...Array.from({ length: 101 }, () => data(1, "")));
    await empty.until("the end", () => empty.closed);
    assert.equal(empty.goneWith, code.calm);
    const made = await open();
    onExchange = (exchange) => void closing(exchange);
    made.send(...Array.from({ length: 101 }, (_, at) => Buffer.concat([post(2 * at + 1), update(2 * at + 1, 0)])));
    await made.until("the end", () => made.closed);
    assert.equal(made.goneWith, code.calm);
  });

  it("ends a head that has no end, by its size and by its frames", async () => {
    for (const filler of [literal("x-filler", "a".repeat(100)), Buffer.alloc(0)]) {
      const client = await open();
      client.send(frame(frameType.headers, 0, 1, requestFrame(1, 0, "GET", "/", "api.test").subarray(9)));
      client.send(...Array.from({ length: 300 }, () => frame(frameType.continuation, 0, 1, filler)));
      await client.until("the end", () => client.closed);
      assert.equal(client.goneWith, code.calm);
    }
  });

  it("sends no more than the windows let it, and goes on when they open", async () => {
    const client = await open([4, 10]);
    const bytes = randomBytes(200_000);
    onExchange = (exchange) => {
      void closing(exchange);
      exchange.client.head(200, "", new HeaderList(), bytes.length);
      exchange.client.end(bytes, null);
    };
    client.send(get(1));
    const sent = (): number => client.body(1).length;
    await client.until("the head, and the first bytes", () => sent() === 10);
    client.send(update(1, 90));
    await client.until("more", () => sent() === 100);
    client.send(settings([4, 1000]));
    await client.until("as much as the settings add", () => sent() === 1090);
    client.send(settings([4, 0]), update(1, 500));
    await client.settle();
    assert.equal(sent(), 1090, "the window is below zero now");
    client.send(update(1, 1_000_000));
    await client.until("the connection's window", () => sent() === 65_535);
    client.send(update(0, 1_000_000));
    await client.until("all", () => sent() === bytes.length);
    assert.deepEqual(client.body(1), bytes);
    assert.ok(client.of(frameType.data, 1).every(({ payload }) => payload.length <= 16_384));
    assert.equal(client.of(frameType.data, 1).at(-1)?.flags, endStream);
  });

  it("lets small answers by those whose window is shut, and by long ones", async () => {
    const client = await open([4, 0x7fff_0000]);
    const bytes = randomBytes(3_000_000);
    onExchange = (exchange) => {
      void closing(exchange);
      const isLong = exchange.facts.path === "/long";
      exchange.client.head(200, "", new HeaderList(), undefined);
      exchange.client.end(isLong ? bytes : Buffer.from("short"), null);
    };
    client.send(get(1, "/long"));
    await client.until("the connection's window", () => client.body(1).length === 65_535);
    client.send(get(3, "/short"));
    await client.until("the head of the second", () => client.status(3) === 200);
    client.send(update(0, 1_000_000));
    await client.until("the second", () => client.body(3).toString() === "short");
    client.send(get(5, "/long"), get(7, "/short"), update(0, 4_000_000));
    await client.until("the last", () => client.body(7).toString() === "short");
    assert.ok(client.body(5).length < bytes.length, "it was not behind all of the long one");
    client.send(update(0, 10_000_000));
    await client.until("both long ones", () => client.body(1).length + client.body(5).length === 2 * bytes.length);
    assert.deepEqual([client.body(1), client.body(5)], [bytes, bytes]);
  });

  it("has its writer wait for a client that takes nothing", async () => {
    const client = await open([4, 0]);
    let written = 0;
    let drained = 0;
    let exchange: Exchange | null = null;
    const pump = (): void => {
      const piece = Buffer.alloc(10_000);
      do written += piece.length;
      while (exchange?.client.write(piece) === true && written < 50_000_000);
    };
    onExchange = (one) => {
      exchange = one;
      one.client.listener = { drained: () => ((drained += 1), pump()), closed: () => {} };
      one.client.head(200, "", new HeaderList(), undefined);
      pump();
    };
    client.send(get(1));
    await client.until("the head", () => client.status(1) === 200);
    assert.ok(written < 100_000, `wrote ${written}`);
    const early = written;
    client.send(update(1, 40_000));
    await client.until("what the window lets by", () => client.body(1).length === 40_000);
    assert.equal(drained, 0, "there is enough left");
    client.send(update(1, 20_000));
    await eventually(() => drained === 1, "it may go on");
    assert.ok(written > early);
    client.send(reset(1, code.cancel));
  });

  it("gives back what it has read of windows, of streams as it is read and of the connection at once", async () => {
    const client = await open();
    let body: Exchange["facts"]["body"] = null;
    let received = 0;
    onExchange = (exchange) => {
      body = exchange.facts.body;
      void closing(exchange);
    };
    const piece = Buffer.alloc(16_384);
    client.send(post(1), ...Array.from({ length: 16 }, () => data(1, piece)));
    client.send(post(3), ...Array.from({ length: 16 }, () => data(3, piece)));
    await client.settle();
    const updates = (stream: number): number[] =>
      client.of(frameType.windowUpdate, stream).map(({ payload }) => payload.readUInt32BE(0));
    assert.deepEqual(updates(1), [], "nobody has read it");
    assert.deepEqual(updates(0), [1024 * 1024 - 65_535, 512 * 1024]);
    (body as unknown as NonNullable<Exchange["facts"]["body"]>).start({
      data: (chunk) => void (received += chunk.byteLength),
      end: () => {},
      fail: () => {},
    });
    await client.until("the window of the stream that is read", () => updates(3).length > 0);
    assert.equal(received, 256 * 1024);
    assert.ok((updates(3)[0] ?? 0) >= 128 * 1024 && (updates(3)[0] ?? 0) <= received);
    assert.deepEqual(updates(1), []);
  });

  it("lets no more come while much of bodies is unread, and goes on when it is gone", async () => {
    const client = await open();
    onExchange = (exchange) => void closing(exchange);
    const given = (): number =>
      client.of(frameType.windowUpdate, 0).reduce((sum, { payload }) => sum + payload.readUInt32BE(0), 65_535);
    const ids = Array.from({ length: 35 }, (_, at) => 2 * at + 1);
    for (const id of ids) {
      client.send(post(id), ...Array.from({ length: 16 }, () => data(id, Buffer.alloc(16_384))));
      await client.settle();
    }
    const sent = ids.length * 256 * 1024;
    assert.ok(given() - sent < 512 * 1024, `${given()} of ${sent}`);
    client.send(...ids.slice(0, 20).map((id) => reset(id, code.cancel)));
    await client.until("the connection's window", () => given() - sent === 1024 * 1024);
  });

  it("answers a request that is too large in words, and reads the next one right", async () => {
    const client = await open();
    // Into the table, each of them, behind the limit of the list as well.
    const indexed = (name: string, value: string): Buffer =>
      Buffer.concat([Buffer.from([0x40]), literal(name, value).subarray(1)]);
    const many = Array.from({ length: 60 }, (_, at) => indexed(`x-${at}`, "y".repeat(100)));
    client.send(requestFrame(1, endStream, "GET", "/", "api.test", many));
    await client.until("the refusal", () => client.status(1) === 431);
    let seen: string | undefined;
    onExchange = (exchange) => {
      seen = exchange.facts.headers.get("x-59");
      reply(exchange, 200, "");
    };
    client.send(requestFrame(3, endStream, "GET", "/", "api.test", [Buffer.from([0x80 | 62])]));
    await client.until("the answer", () => client.status(3) === 200);
    assert.equal(seen, "y".repeat(100));
  });

  it("takes what is still coming on a stream that it has answered", async () => {
    const client = await open();
    client.send(post(1), data(1, "part"));
    await client.until("the answer, and a reset that is no error", () => client.resetWith(1) === code.none);
    client.send(data(1, "more"), update(1, 5), reset(1, code.cancel), data(1, "last", endStream), get(3));
    await client.until("the next one", () => client.status(3) === 200);
    assert.equal(client.goneWith, null);
  });

  it("takes no stream behind GOAWAY, finishes those that are open, and ends", async () => {
    const client = await open();
    const held: Exchange[] = [];
    onExchange = (exchange) => void held.push(exchange);
    client.send(get(1));
    await eventually(() => held.length === 1, "the request");
    client.send(frame(7, 0, 0, Buffer.alloc(8)), get(3));
    await client.until("GOAWAY", () => client.goneWith === code.none);
    assert.equal(client.of(7, 0)[0]?.payload.readUInt32BE(0), 1, "the last stream that is carried out");
    await client.settle();
    assert.equal(held.length, 1);
    reply(held[0] as Exchange, 200, "ok");
    await client.until("the end", () => client.closed);
    assert.equal(client.body(1).toString(), "ok");
  });

  it("writes the names of fields in lower case, a date, and no blanks around values", async () => {
    const client = await open();
    onExchange = (exchange) => reply(exchange, 200, "", ["X-Mixed", " a b\t", "Connection", "close"]);
    client.send(get(1));
    await client.until("the answer", () => client.status(1) === 200);
    const fields = client.fields.get(1)?.[0] ?? [];
    assert.deepEqual(fields.slice(0, 6), [":status", "200", "x-mixed", "a b", "content-length", "0"]);
    assert.equal(fields[6], "date");
    assert.equal(fields.length, 8);
  });

  it("refuses to write a field that no field may be", async () => {
    const client = await open();
    onExchange = (exchange) => {
      assert.throws(() => reply(exchange, 200, "", ["x", "a\r\nb"]), /characters that HTTP\/2 cannot carry/);
      assert.equal(exchange.client.headSent, false);
      reply(exchange, 500, "");
    };
    client.send(get(1));
    await client.until("the answer", () => client.status(1) === 500);
  });

  it("keeps little for a client that asks and takes no answer", async () => {
    const client = await open();
    client.socket.pause();
    const pings = Buffer.concat(Array.from({ length: 1000 }, () => ping));
    for (let times = 0; times < 2000 && !client.socket.destroyed; times += 1) {
      if (!client.socket.write(pings))
        await Promise.race([
          new Promise((done) => client.socket.once("drain", done)),
          eventually(() => client.socket.destroyed, "it is ended").catch(() => {}),
        ]);
    }
    client.socket.resume();
    await client.until("the end", () => client.closed);
  });
});
