import { Buffer } from "node:buffer";
import type { Readable } from "node:stream";
import type { BodySink } from "#model/body.ts";
import { GatewayError } from "#model/errors.ts";
import type { LimitedBody } from "./edge-types.ts";
import type { Sweeper } from "./sweeper.ts";
import { allowedTrailers } from "./trailers.ts";

type State = "waiting" | "flowing" | "paused" | "ended" | "dropped";

/**
 * The body of a request over a readable stream of either protocol. Nothing is read before {@link start}, so a
 * client whose request is refused sends into a full window, not into memory.
 */
export abstract class RequestBody implements LimitedBody {
  readonly length: number | undefined;
  received = 0;
  /** The client sent `Expect: 100-continue`. */
  readonly #expects: boolean;
  readonly #stream: Readable;
  readonly #sweeper: Sweeper;
  #limit: number;
  #state: State = "waiting";
  /** Before anybody has started it. */
  #broken: GatewayError | null = null;
  #sink: BodySink | null = null;
  #lastAt = 0;

  constructor(stream: Readable, length: number | undefined, expects: boolean, limit: number, sweeper: Sweeper) {
    this.#stream = stream;
    this.length = length;
    this.#expects = expects;
    this.#limit = limit;
    this.#sweeper = sweeper;
  }

  setLimit(bytes: number): void {
    this.#limit = bytes;
  }

  start(sink: BodySink): void {
    if (this.#state === "dropped") return;
    this.#sink = sink;
    if (this.length !== undefined && this.length > this.#limit) {
      process.nextTick(() => this.fail(tooLarge()));
      return;
    }
    this.#state = "flowing";
    this.#lastAt = this.#sweeper.now();
    const broken = this.#broken;
    if (broken !== null) {
      process.nextTick(() => this.fail(broken));
      return;
    }
    if (this.#expects) this.proceed();
    this.#stream.on("end", () => this.#end());
    this.#stream.on("data", (chunk: Uint8Array) => this.#data(chunk, false));
    this.borrow((chunk) => this.#data(chunk, true));
    // An empty one ends by itself, and may have done so while nobody was listening.
    if (this.#stream.readableEnded) process.nextTick(() => this.#end());
    // A body that broke before anyone wanted it must not leave its reader waiting.
    if (this.#stream.destroyed && !this.#stream.readableEnded) process.nextTick(() => this.fail(aborted()));
  }

  pause(): void {
    if (this.#state !== "flowing") return;
    this.#state = "paused";
    this.#stream.pause();
  }

  resume(): void {
    if (this.#state !== "paused") return;
    this.#state = "flowing";
    this.#lastAt = this.#sweeper.now();
    this.#stream.resume();
  }

  cancel(): void {
    if (this.#state === "ended" || this.#state === "dropped") return;
    this.#state = "dropped";
    this.#sink = null;
    this.#stream.pause();
  }

  /** Ends the body for its sink. @returns false, without effect: before start, after the end, or when nobody wants it */
  fail(error: GatewayError): boolean {
    const sink = this.#sink;
    if (sink === null || this.#state === "ended") return false;
    this.cancel();
    sink.fail(error);
    return true;
  }

  /** The client has sent what is no body. @returns false: it is over, or nobody wants it */
  breakOff(error: GatewayError): boolean {
    if (this.#state !== "waiting") return this.fail(error);
    this.#broken ??= error;
    return true;
  }

  /** The connection is gone. */
  abort(): void {
    this.fail(aborted());
  }

  /** Given up before its end, so what is left of it stands in the way of the next request. */
  get dropped(): boolean {
    return this.#state === "dropped";
  }

  /** All of it has come, and was read. */
  get isOver(): boolean {
    return this.#state === "ended";
  }

  get untouched(): boolean {
    return this.#state === "waiting";
  }

  /** The client asked to be told to go on, and has not been. */
  get untold(): boolean {
    return this.#expects && this.#state === "waiting";
  }

  get waits(): boolean {
    return this.untold && this.#stream.readableLength === 0;
  }

  check(now: number, idleMs: number): void {
    if (this.#state === "flowing" && now - this.#lastAt > idleMs) this.fail(tooSlow());
  }

  /** Tells a client that expects 100 to go on. Called when the body is started and not before: a refusal costs no upload. */
  protected abstract proceed(): void;

  /** At the end of the stream: did the client end the message, or did it break off? */
  protected isWhole(): boolean {
    return true;
  }

  protected trailers(): readonly string[] | null {
    return null;
  }

  /** Where the stream lends, `take` gets what is lent instead of its `data`. */
  protected borrow(_take: (chunk: Uint8Array) => void): void {}

  #data(chunk: Uint8Array, isLent: boolean): void {
    const sink = this.#sink;
    if (sink === null) return;
    this.#lastAt = this.#sweeper.now();
    this.received += chunk.byteLength;
    if (this.received > this.#limit) this.fail(tooLarge());
    else if (!isLent) sink.data(chunk);
    else if (sink.lent === undefined) sink.data(Buffer.from(chunk));
    else sink.lent(chunk);
  }

  #end(): void {
    const sink = this.#sink;
    // A reset ends the stream too; the close that follows fails the body.
    if (sink === null || !this.isWhole()) return;
    this.#state = "ended";
    this.#sink = null;
    sink.end(allowedTrailers(this.trailers()));
  }
}

function tooLarge(): GatewayError {
  return new GatewayError("client-body-too-large", 413, "the request body is too large", {
    source: "client",
    expose: true,
  });
}

function tooSlow(): GatewayError {
  return new GatewayError("client-body-timeout", 408, "the request body did not arrive in time", {
    source: "client",
    expose: true,
  });
}

function aborted(): GatewayError {
  return new GatewayError("client-aborted", 499, "the client went away within its request body", { source: "client" });
}
