import { endHeaders, endStream, frame, frameType, literal, number32, requestFields } from "#test/soak/h2-frames.ts";

const authority = "a.test";
const head = (stream: number, flags: number, path: string, ...more: readonly Buffer[]): Buffer =>
  frame(frameType.headers, endHeaders | flags, stream, Buffer.concat([requestFields(authority, path), ...more]));
const post = (stream: number, ...more: readonly Buffer[]): Buffer =>
  frame(
    frameType.headers,
    endHeaders,
    stream,
    Buffer.concat([Buffer.from([0x83, 0x87]), literal(":authority", authority), literal(":path", "/p"), ...more]),
  );
const data = (stream: number, text: string, flags = 0): Buffer =>
  frame(frameType.data, flags, stream, Buffer.from(text));
const indexed = (name: string, value: string): Buffer =>
  Buffer.concat([Buffer.from([0x40]), literal(name, value).subarray(1)]);
const ping = frame(frameType.ping, 0, 0, Buffer.alloc(8, 1));
const update = (stream: number, bytes: number): Buffer => frame(frameType.windowUpdate, 0, stream, number32(bytes));
const reset = (stream: number, code: number): Buffer => frame(frameType.reset, 0, stream, number32(code));
const settings = (...pairs: readonly (readonly [number, number])[]): Buffer =>
  frame(
    frameType.settings,
    0,
    0,
    Buffer.concat(pairs.flatMap(([name, value]) => [Buffer.from([0, name]), number32(value)])),
  );

const seeds: readonly Buffer[][] = [
  [head(1, endStream, "/a"), head(3, endStream, "/b?q=1"), head(5, endStream, "/c")],
  [post(1), data(1, "some "), data(1, "data", endStream), head(3, endStream, "/d")],
  [post(1, literal("content-length", "4")), data(1, "four", endStream), ping],
  [post(1), data(1, "x"), frame(frameType.headers, endHeaders | endStream, 1, literal("x-sum", "7"))],
  [
    head(1, endStream, "/e", indexed("x-one", "1"), indexed("x-two", "2")),
    head(3, endStream, "/f", Buffer.from([0xbe, 0xbf])),
  ],
  [head(1, endStream, "/g", literal("cookie", "a=1"), literal("cookie", "b=2"), literal("te", "trailers"))],
  [settings([4, 0], [1, 0]), head(1, endStream, "/h"), update(1, 5), settings([4, 100], [1, 4096]), update(0, 100)],
  [post(1), head(3, endStream, "/i"), data(1, "more"), reset(1, 8), head(5, endStream, "/j"), update(5, 1)],
  [
    frame(frameType.headers, endStream, 1, requestFields(authority, "/k")),
    frame(frameType.continuation, 0, 1, literal("x-a", "1")),
    frame(frameType.continuation, endHeaders, 1, literal("x-b", "2")),
  ],
  [post(1), frame(frameType.data, 0x8, 1, Buffer.from("\x03datapad", "latin1")), data(1, "", endStream)],
  [head(1, endStream, "/l"), frame(7, 0, 0, Buffer.alloc(8)), head(3, endStream, "/m")],
  [
    frame(frameType.priority, 0, 1, Buffer.alloc(5, 1)),
    frame(0x55, 9, 9, Buffer.from("unknown")),
    head(1, endStream, "/n"),
  ],
];

/** Frames of a client behind its preface and its first settings, as latin1. */
export const http2Seeds: readonly string[] = seeds.map((frames) => Buffer.concat(frames).toString("latin1"));

/** Frames, beginnings of frames, and bytes that mean something in header blocks. */
export const http2Pieces: readonly string[] = [
  ...seeds.flat().map((one) => one.toString("latin1")),
  ...seeds.flat().map((one) => one.subarray(0, 9).toString("latin1")),
  ...[0, 0x7fff_ffff, 0x8000_0001, 1].map((value) => update(1, value).toString("latin1")),
  "\x80",
  "\xbe",
  "\xff\x80\x80\x80\x80\x01",
  "\x20",
  "\x3f\xe1\x1f",
  "\x00\x85",
  "\x82\x86\x84",
  "\x40\x01a\x01b",
  "\x10",
];
