import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { describe, it } from "node:test";
import { endHeaders, endStream, frame, frameType, number32, preface } from "#test/soak/h2-frames.ts";
import { diceOf } from "#test/soak/support.ts";
import { ControlFrames } from "./control-frames.ts";
import { errorCode, maxPayload } from "./frame-names.ts";
import { type FrameHandler, FrameReader } from "./frame-reader.ts";
import { type FrameWrite, FrameWriter } from "./frame-writer.ts";
import { HeaderBlock } from "./header-block.ts";
import { HeaderDecoder } from "./header-decoder.ts";
import { HeaderEncoder } from "./header-encoder.ts";
import { readSettings } from "./peer-settings.ts";
import { isRequest } from "./request-fields.ts";

/** What a reader makes of bytes, as text; pieces of data are joined. */
function read(bytes: Buffer, cuts: readonly number[] = []): string[] {
  const seen: string[] = [];
  let data = "";
  const handler: FrameHandler = {
    frame: (type, flags, stream, all, from, to) =>
      void seen.push(`${type} ${flags} ${stream} ${all.toString("latin1", from, to)}`),
    dataBegins: (stream, length) => void seen.push(`data ${stream} ${length}`),
    data: (piece) => void (data += piece.toString("latin1")),
    dataEnds: (isLast) => {
      seen.push(`${data}${isLast ? " last" : ""}`);
      data = "";
    },
    malformed: (code) => void seen.push(`error ${code}`),
  };
  const reader = new FrameReader(handler);
  let from = 0;
  for (const cut of [...cuts, bytes.length]) {
    if (cut > from) reader.push(bytes.subarray(from, cut));
    from = Math.max(from, cut);
  }
  return seen;
}

const padded = 8;
const priority = 0x20;

describe("the frame reader", () => {
  const frames = Buffer.concat([
    preface,
    frame(frameType.settings, 0, 0),
    frame(frameType.headers, endHeaders, 1, Buffer.from("head")),
    frame(frameType.data, 0, 1, Buffer.from("some data")),
    frame(frameType.data, padded, 1, Buffer.from("\x03datapad", "latin1")),
    frame(frameType.data, padded, 1, Buffer.from("\x00", "latin1")),
    frame(frameType.data, padded, 1, Buffer.from("\x02pp", "latin1")),
    frame(frameType.data, endStream, 1),
    frame(99, 5, 7, Buffer.alloc(300, "u")),
    frame(frameType.ping, 0, 0, Buffer.from("12345678")),
  ]);
  const expected = [
    "4 0 0 ",
    "1 4 1 head",
    "data 1 9",
    "some data",
    "data 1 8",
    "data",
    "data 1 1",
    "",
    "data 1 3",
    "",
    "data 1 0",
    " last",
    `99 5 7 ${"u".repeat(300)}`,
    "6 0 0 12345678",
  ];

  it("cuts frames, padding and all", () => assert.deepEqual(read(frames), expected));

  it("makes the same of them however they come", () => {
    for (let at = 1; at < frames.length; at += 1) assert.deepEqual(read(frames, [at]), expected, `cut at ${at}`);
    assert.deepEqual(
      read(
        frames,
        Array.from({ length: frames.length }, (_, at) => at),
      ),
      expected,
    );
    const dice = diceOf(7);
    for (let round = 0; round < 200; round += 1) {
      const cuts = Array.from({ length: dice.below(9) }, () => dice.below(frames.length)).toSorted((a, b) => a - b);
      assert.deepEqual(read(frames, cuts), expected, `cuts ${cuts.join()}`);
    }
  });

  const wrong: Readonly<Record<string, readonly [code: number, bytes: Buffer]>> = {
    "a frame larger than was offered": [errorCode.frameSize, frame(frameType.data, 0, 1, Buffer.alloc(maxPayload + 1))],
    "DATA on no stream": [errorCode.protocol, frame(frameType.data, 0, 0)],
    "HEADERS on no stream": [errorCode.protocol, frame(frameType.headers, 0, 0)],
    "CONTINUATION on no stream": [errorCode.protocol, frame(frameType.continuation, 0, 0)],
    "PRIORITY on no stream": [errorCode.protocol, frame(frameType.priority, 0, 0, Buffer.alloc(5))],
    "PRIORITY of another length": [errorCode.frameSize, frame(frameType.priority, 0, 1, Buffer.alloc(4))],
    "RST_STREAM on no stream": [errorCode.protocol, frame(frameType.reset, 0, 0, number32(0))],
    "RST_STREAM of another length": [errorCode.frameSize, frame(frameType.reset, 0, 1)],
    "SETTINGS on a stream": [errorCode.protocol, frame(frameType.settings, 0, 1)],
    "SETTINGS of no whole settings": [errorCode.frameSize, frame(frameType.settings, 0, 0, Buffer.alloc(7))],
    "SETTINGS that acknowledge and say more": [errorCode.frameSize, frame(frameType.settings, 1, 0, Buffer.alloc(6))],
    PUSH_PROMISE: [errorCode.protocol, frame(5, endHeaders, 1, Buffer.alloc(4))],
    "PING on a stream": [errorCode.protocol, frame(frameType.ping, 0, 1, Buffer.alloc(8))],
    "PING of another length": [errorCode.frameSize, frame(frameType.ping, 0, 0, Buffer.alloc(7))],
    "GOAWAY on a stream": [errorCode.protocol, frame(7, 0, 1, Buffer.alloc(8))],
    "GOAWAY that is too short": [errorCode.frameSize, frame(7, 0, 0, Buffer.alloc(7))],
    "WINDOW_UPDATE of another length": [errorCode.frameSize, frame(frameType.windowUpdate, 0, 1)],
    "padding without its length": [errorCode.frameSize, frame(frameType.data, padded, 1)],
    "more padding than there is frame": [errorCode.protocol, frame(frameType.data, padded, 1, Buffer.from([1]))],
  };
  for (const [name, [code, bytes]] of Object.entries(wrong)) {
    it(`refuses ${name}, and reads nothing behind it`, () => {
      const all = Buffer.concat([preface, bytes, frame(frameType.ping, 0, 0, Buffer.alloc(8))]);
      assert.deepEqual(
        read(all).filter((line) => !line.startsWith("data")),
        [`error ${code}`],
      );
    });
  }

  it("refuses another preface, at its first wrong byte", () => {
    assert.deepEqual(read(Buffer.from("GET / HTTP/1.1\r\n\r\n")), ["error 1"]);
    assert.deepEqual(read(preface.subarray(0, 10)), []);
    assert.deepEqual(read(Buffer.concat([preface.subarray(0, 10), Buffer.from("x")]), [10]), ["error 1"]);
  });
});

describe("a header block over several frames", () => {
  const bytes = Buffer.from("abcdefgh");

  it("is put together, without padding and priority", () => {
    const block = new HeaderBlock(100);
    const first = Buffer.from("\x02PPPPPabcd__", "latin1");
    assert.equal(block.begin(endStream | padded | priority, 5, first, 0, first.length), errorCode.none);
    assert.deepEqual([block.stream, block.isLast], [5, true]);
    assert.equal(block.continue(0, bytes, 4, 6), errorCode.none);
    assert.equal(block.continue(endHeaders, bytes, 6, 8), errorCode.none);
    assert.equal(block.stream, 0);
    assert.equal(block.bytes.toString("latin1", block.from, block.to), "abcdefgh");
  });

  it("is lent as it came when it is one frame", () => {
    const block = new HeaderBlock(1);
    assert.equal(block.begin(endHeaders, 1, bytes, 2, 8), errorCode.none);
    assert.deepEqual([block.bytes, block.from, block.to, block.stream], [bytes, 2, 8, 0]);
  });

  it("is refused when padding or priority do not fit, when it is too long, and in too many frames", () => {
    const begin = (flags: number, text: string): number => {
      const payload = Buffer.from(text, "latin1");
      return new HeaderBlock(100).begin(flags | endHeaders, 1, payload, 0, payload.length);
    };
    assert.equal(begin(padded, ""), errorCode.frameSize);
    assert.equal(begin(padded, "\x02a"), errorCode.protocol);
    assert.equal(begin(priority, "PPPP"), errorCode.protocol);
    const long = new HeaderBlock(10);
    assert.equal(long.begin(0, 1, bytes, 0, 8), errorCode.none);
    assert.equal(long.continue(endHeaders, bytes, 0, 3), errorCode.calm);
    const many = new HeaderBlock(10);
    let problem = many.begin(0, 1, bytes, 0, 0);
    for (let count = 0; count < 64; count += 1) problem ||= many.continue(0, bytes, 0, 0);
    assert.equal(problem, errorCode.calm);
  });
});

describe("a client's settings", () => {
  function take(...pairs: readonly (readonly [number, number])[]): readonly [number, string[]] {
    const taken: string[] = [];
    const bytes = Buffer.alloc(pairs.length * 6);
    for (const [at, [name, value]] of pairs.entries()) {
      bytes.writeUInt16BE(name, at * 6);
      bytes.writeUInt32BE(value, at * 6 + 2);
    }
    const problem = readSettings(bytes, 0, bytes.length, {
      tableSize: (size) => void taken.push(`table ${size}`),
      initialWindow: (size) => (taken.push(`window ${size}`), size !== 77),
    });
    return [problem, taken];
  }

  it("are taken up one after the other", () => {
    assert.deepEqual(take([1, 0], [4, 100], [2, 1], [3, 9], [5, 16_384], [6, 1], [8, 0], [99, 1], [4, 2]), [
      0,
      ["table 0", "window 100", "window 2"],
    ]);
  });

  it("are refused when one of them cannot be, or they are too many", () => {
    assert.equal(take([2, 2])[0], errorCode.protocol);
    assert.equal(take([8, 2])[0], errorCode.protocol);
    assert.equal(take([4, 2 ** 31])[0], errorCode.flowControl);
    assert.equal(take([4, 77])[0], errorCode.flowControl);
    assert.equal(take([5, 16_383])[0], errorCode.protocol);
    assert.equal(take([5, 2 ** 24])[0], errorCode.protocol);
    assert.equal(take(...Array.from({ length: 33 }, () => [99, 1] as const))[0], errorCode.calm);
  });
});

describe("the list of a request", () => {
  const good = [":method", "GET", ":scheme", "https", ":path", "/"];
  const connect = [":method", "CONNECT", ":authority", "a"];

  it("has its pseudo-header fields, each once, in front", () => {
    const right = [
      good,
      [...good, ":authority", "a"],
      [...good, ":authority", ""],
      [...good, "x", "1"],
      connect,
      [...good.with(1, "CONNECT"), ":authority", "a", ":protocol", "websocket"],
    ];
    for (const fields of right) assert.equal(isRequest(fields), true, fields.join(" "));
  });

  it("is none otherwise", () => {
    const wrong = [
      [],
      ["x", "1"],
      ...[0, 2, 4].map((at) => good.toSpliced(at, 2)),
      ...[1, 3, 5].map((at) => good.with(at, "")),
      [...good, ":path", "/b"],
      [...good, "x", "1", ":authority", "a"],
      [...good, ":protocol", "websocket"],
      [...good, ":status", "200"],
      good.with(1, "GE T"),
      good.with(1, "CONNECT"),
      [...connect, ":path", "/"],
      [...connect, ":protocol", "websocket"],
    ];
    for (const fields of wrong) assert.equal(isRequest(fields), false, fields.join(" "));
  });
});

describe("the frame writer", () => {
  it("writes what the reader reads, whatever its size", () => {
    const writer = new FrameWriter();
    const encoder = new HeaderEncoder();
    const chunk = Buffer.alloc(maxPayload, "d");
    const long = [":status", "200", "x-long", "y".repeat(50_000)];
    writer.begin();
    writer.headers(encoder, [":status", "200", "a", "b"], endStream, 1);
    for (let times = 0; times < 9; times += 1) {
      writer.head(maxPayload, frameType.data, 0, 3);
      writer.put(chunk, 0, chunk.length);
    }
    writer.headers(encoder, long, 0, 5);
    writer.reset(0x7fff_ffff, 8);
    const { size } = writer;
    const write = writer.take();
    const bytes = write?.bytes ?? Buffer.alloc(0);
    assert.equal(bytes.length, size);
    const seen = read(Buffer.concat([preface, bytes]));
    assert.equal(seen[0], `1 5 1 \x88\x00\x01a\x01b`);
    assert.equal(seen.filter((line) => line === chunk.toString()).length, 9);
    assert.equal(seen.at(-1), "3 0 2147483647 \0\0\0\b");
    const pieces = seen.filter((line) => /^\d \d 5 /.test(line));
    assert.deepEqual(
      pieces.map((line) => line.slice(0, 5)),
      ["1 0 5", "9 0 5", "9 0 5", "9 4 5"],
    );
    const whole = Buffer.from(pieces.map((line) => line.slice(6)).join(""), "latin1");
    const decoder = new HeaderDecoder({ bytes: 100_000, fields: 9 });
    assert.equal(decoder.decode(whole, 0, whole.length)?.fields.join() === long.join(), true);
    writer.begin();
    assert.deepEqual([writer.size, writer.take()], [0, null]);
  });

  it("keeps a write's memory until the system has taken it, and then uses it again", () => {
    const writer = new FrameWriter();
    const write = (text: string): FrameWrite => {
      writer.begin();
      writer.head(text.length, frameType.data, 0, 1);
      writer.put(Buffer.from(text), 0, text.length);
      return writer.take() as FrameWrite;
    };
    const writes = Array.from({ length: 40 }, (_, at) => write(String.fromCharCode(0x41 + at).repeat(9000)));
    for (const [at, { bytes }] of writes.entries()) {
      assert.equal(bytes.toString("latin1", 9), String.fromCharCode(0x41 + at).repeat(9000), `write ${at}`);
    }
    for (const one of writes) writer.written(one);
    const memories = new Set(writes.map(({ bytes }) => bytes.buffer));
    const again = Array.from({ length: 40 }, () => write("x".repeat(9000)));
    assert.ok(again.every(({ bytes }) => memories.has(bytes.buffer)));
  });

  it("keeps frames of the connection up to a bound", () => {
    const control = new ControlFrames();
    control.settings([[3, 100]]);
    control.settingsAck();
    control.pong(Buffer.from("..12345678"), 2);
    control.windowUpdate(3, 70_000);
    control.goAway(7, 11);
    const bytes = Buffer.concat([preface, control.bytes.subarray(0, control.length)]);
    assert.deepEqual(read(bytes), [
      "4 0 0 \0\x03\0\0\0d",
      "4 1 0 ",
      "6 1 0 12345678",
      "8 0 3 \0\x01\x11p",
      "7 0 0 \0\0\0\x07\0\0\0\x0b",
    ]);
    for (let times = 0; times < 10_000; times += 1) control.pong(Buffer.alloc(8), 0);
    assert.equal(control.isFull, true);
    assert.ok(control.length <= 65_536 && control.bytes.length <= 131_072);
  });
});
