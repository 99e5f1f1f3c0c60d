import { Duplex } from "node:stream";
import type { Socket } from "node:net";
import { setImmediate as turn } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { Connection } from "#edge/connection.ts";
import { EdgeContext } from "#edge/context.ts";
import { quietLog, roomyLimits } from "#edge/harness.test.ts";
import { Http2Protocol } from "#edge/http2-protocol.ts";
import type { Exchange } from "#model/exchange.ts";
import { HeaderList } from "#model/header-list.ts";
import { createClock } from "#threads/clock.ts";
import { HeaderDecoder } from "#wire/http2/header-decoder.ts";
import { frame, frameType, preface } from "#test/soak/h2-frames.ts";
import type { Dice } from "#test/soak/support.ts";
import { http2Pieces, http2Seeds } from "./http2-seeds.ts";
import { cutsOf, mutate } from "./mutate.ts";
import type { Finding, Target } from "./target.ts";

/** One request, as far as it came. */
interface Taken {
  readonly head: string;
  body: string;
  trailers: readonly string[] | null;
  end: string;
}

/** What came of one connection. */
interface Outcome {
  readonly taken: readonly Taken[];
  readonly output: Buffer;
  readonly isClosed: boolean;
  readonly wasChanged: boolean;
  /** Bytes that were handed over before the other side had taken any. */
  readonly untaken: number;
}

/** A socket without a network. Of one that is deaf, no write is ever over. */
class FakeSocket extends Duplex {
  readonly localPort = 443;
  readonly written: Buffer[] = [];
  /** Memory was used again before it was taken. */
  wasChanged = false;
  readonly #isDeaf: boolean;

  constructor(isDeaf: boolean) {
    super({ allowHalfOpen: true, highWaterMark: 1_000_000 });
    this.#isDeaf = isDeaf;
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    const copy = Buffer.from(chunk);
    this.written.push(copy);
    if (this.#isDeaf) return;
    setImmediate(() => {
      if (!copy.equals(chunk)) this.wasChanged = true;
      done();
    });
  }
}

/** More is never handed over to somebody who takes nothing: one write, and frames of the connection. */
const mostUntaken = 200 * 1024;
/** Of the RFC 9113 §7 that this side may say; and none. */
const codes: ReadonlySet<number> = new Set([0, 1, 2, 3, 5, 6, 7, 8, 9, 11]);

/**
 * Bytes of a client of HTTP/2, to the connection itself. Nothing is thrown; the same requests come of the same bytes
 * however they are cut; what goes back is frames, with header blocks that can be read; little waits for a client that
 * takes nothing; and when the client has gone, nothing is left of it.
 */
export function http2Target(): Target {
  const tally: Record<string, number> = { requests: 0, whole: 0, "connections ended": 0, "connections left open": 0 };
  let onExchange: (exchange: Exchange) => void = () => {};
  const context = new EdgeContext({
    settings: {
      https: [],
      http: [],
      tls: "internal",
      trustedProxies: [],
      hsts: null,
      clientCertificates: null,
      listenerCertificates: [],
      forwardAuth: null,
      proxySecret: null,
      forwardedHeader: false,
      proxyProtocol: [],
      advertisedPorts: { https: null, http: null },
      allowedHeaderNames: [],
      limits: roomyLimits,
    },
    certificates: [],
    onExchange: (exchange) => onExchange(exchange),
    onRefused: () => {},
    clock: createClock(),
    newId: () => "id",
    log: quietLog,
  });
  const protocol = new Http2Protocol(context);

  async function play(bytes: Buffer, cuts: readonly number[], answers: Dice | null, isDeaf: boolean): Promise<Outcome> {
    const taken: Taken[] = [];
    onExchange = (exchange) => void take(exchange, taken, answers);
    const socket = new FakeSocket(isDeaf);
    protocol.adopt(new Connection(socket as unknown as Socket, "192.0.2.1", null, null, null, null));
    let from = 0;
    for (const to of [...cuts, bytes.length]) {
      if (to > from) socket.push(bytes.subarray(from, to));
      from = Math.max(from, to);
      await turn();
    }
    for (let turns = 0; turns < 6; turns += 1) await turn();
    const isClosed = socket.destroyed || socket.writableEnded;
    const output = Buffer.concat(socket.written);
    const untaken = output.length + socket.writableLength;
    socket.destroy();
    await turn();
    return { taken, output, isClosed, untaken, wasChanged: socket.wasChanged };
  }

  const run = async (dice: Dice): Promise<Finding | null> => {
    const input = mutate(http2Seeds, http2Pieces, dice);
    const start =
      dice.below(20) === 0 ? "" : Buffer.concat([preface, frame(frameType.settings, 0, 0)]).toString("latin1");
    const bytes = Buffer.from(start + input, "latin1");
    const whole = await play(bytes, [], null, false);
    const cut = await play(bytes, cutsOf(bytes.length, dice), null, false);
    if (!areAlike(whole, cut)) {
      return { problem: `cut into pieces it is read differently: ${JSON.stringify([whole.taken, cut.taken])}`, input };
    }
    const answered = await play(bytes, cutsOf(bytes.length, dice), dice, false);
    const deaf = await play(bytes, [], dice, true);
    if (deaf.untaken > mostUntaken)
      return { problem: `${deaf.untaken} bytes wait for a client that takes none`, input };
    for (const { output, wasChanged } of [whole, cut, answered]) {
      if (wasChanged) return { problem: "what was written has changed before it was taken", input };
      const problem = problemOf(output);
      if (problem !== null) return { problem, input };
    }
    if (!whole.isClosed && (goneWith(whole.output) ?? 0) !== 0) {
      return { problem: `closed: ${whole.isClosed}, and GOAWAY says ${goneWith(whole.output)}`, input };
    }
    if (context.inFlight !== 0) return { problem: `${context.inFlight} exchanges are left over`, input };
    tally["requests"] = (tally["requests"] ?? 0) + whole.taken.length;
    tally["whole"] = (tally["whole"] ?? 0) + whole.taken.filter(({ end }) => end === "whole").length;
    const name = whole.isClosed ? "connections ended" : "connections left open";
    tally[name] = (tally[name] ?? 0) + 1;
    return null;
  };
  return { name: "http2", lanes: 1, run, tally, close: async () => context.sweeper.stop() };
}

/** A body that is broken off behind its data, or with its connection, may have been read or not. */
function agree(left: readonly Taken[], right: readonly Taken[]): boolean {
  if (left.length !== right.length) return false;
  return left.every((one, at) => {
    const other = right[at] as Taken;
    if (one.end === "whole" && other.end === "whole") return isDeepStrictEqual(one, other);
    return one.head === other.head && (one.body.startsWith(other.body) || other.body.startsWith(one.body));
  });
}

/**
 * Behind a client's own GOAWAY, and behind a request that was refused, what comes is another thing when the answer has
 * left by then; what was taken by both is the same all the same.
 */
function areAlike(left: Outcome, right: Outcome): boolean {
  const shorter = Math.min(left.taken.length, right.taken.length);
  if (hasAnswered(left.output) || hasAnswered(right.output)) {
    return agree(left.taken.slice(0, shorter), right.taken.slice(0, shorter));
  }
  return agree(left.taken, right.taken) && goneWith(left.output) === goneWith(right.output);
}

function hasAnswered(output: Buffer): boolean {
  const frames = framesOf(output) ?? [];
  return frames.some(({ type, payload }) => type === 1 || (type === 7 && payload.readUInt32BE(4) === 0));
}

function take(exchange: Exchange, taken: Taken[], answers: Dice | null): void {
  const { method, path, query, authority, headers, body } = exchange.facts;
  const one: Taken = {
    head: [method, path, query, authority, ...headers.raw].join("\n"),
    body: "",
    trailers: null,
    end: body === null ? "whole" : "",
  };
  taken.push(one);
  exchange.client.listener = { drained: () => {}, closed: () => {} };
  body?.start({
    data: (chunk) => void (one.body += Buffer.from(chunk).toString("latin1")),
    end: (trailers) => {
      one.trailers = trailers;
      one.end = "whole";
    },
    fail: ({ code }) => void (one.end = code),
  });
  if (answers !== null) answer(exchange, answers);
}

function answer({ client }: Exchange, dice: Dice): void {
  const length = dice.pick([0, 10, 20_000, 100_000]);
  const isKnown = dice.below(2) === 0;
  if (dice.below(4) === 0) client.informational(103, new HeaderList(["link", "</a>"]));
  client.head(
    dice.pick([200, 204, 404]),
    "",
    new HeaderList(["x-a", String(dice.below(3))]),
    isKnown ? length : undefined,
  );
  if (dice.below(8) === 0) return client.abort();
  if (length > 10) client.write(Buffer.alloc(length - 10));
  const trailers = dice.below(3) === 0 ? ["x-t", "1"] : null;
  if (dice.below(8) > 0) client.end(length === 0 ? null : Buffer.alloc(Math.min(10, length)), trailers);
  return undefined;
}

interface Sent {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  readonly payload: Buffer;
}

/** Null: it is no row of whole frames. */
function framesOf(output: Buffer): Sent[] | null {
  const frames: Sent[] = [];
  let at = 0;
  while (at + 9 <= output.length) {
    const end = at + 9 + output.readUIntBE(at, 3);
    if (end > output.length) return null;
    const stream = output.readUInt32BE(at + 5);
    frames.push({
      type: output[at + 3] ?? 0,
      flags: output[at + 4] ?? 0,
      stream,
      payload: output.subarray(at + 9, end),
    });
    at = end;
  }
  return at === output.length ? frames : null;
}

function goneWith(output: Buffer): number | null {
  return (
    framesOf(output)
      ?.findLast(({ type }) => type === 7)
      ?.payload.readUInt32BE(4) ?? null
  );
}

/** What is wrong with what a connection sent, or null. */
function problemOf(output: Buffer): string | null {
  const frames = framesOf(output);
  if (frames === null) return "what was sent is no row of frames";
  const decoder = new HeaderDecoder({ bytes: 1_000_000, fields: 100 });
  const over = new Set<number>();
  for (const { type, flags, stream, payload } of frames) {
    if (payload.length > 16_384) return "a frame is too large";
    if (type === 7 && !codes.has(payload.readUInt32BE(4))) return `GOAWAY says ${payload.readUInt32BE(4)}`;
    if ((type === 0 || type === 1) && over.has(stream)) return `stream ${stream} goes on behind its end`;
    if (type === 1 && decoder.decode(payload, 0, payload.length) === null) return "a header block cannot be read";
    if (type === 3 || ((type === 0 || type === 1) && (flags & 1) !== 0)) over.add(stream);
  }
  return null;
}
