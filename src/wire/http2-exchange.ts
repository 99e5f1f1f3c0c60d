import { constants, type ClientHttp2Stream } from "node:http2";
import { GatewayError } from "#model/errors.ts";
import { fieldObject } from "./field-object.ts";
import { unwritable } from "./http1-request-writer.ts";
import { http2RequestFields, http2Trailers } from "./http2-request-fields.ts";
import { checkHttp2Trailers, readHttp2Head } from "./http2-response-head.ts";
import type { Http2Session } from "./http2-session.ts";
import { onEndStream } from "./http2-stream-end.ts";
import { Timeout } from "./timer-wheel.ts";
import type { Progress, RequestHead, Transport, TransportUser } from "./transport.ts";
import { upstreamError } from "./upstream-error.ts";

const { NGHTTP2_CANCEL, NGHTTP2_FLAG_END_STREAM, NGHTTP2_NO_ERROR, NGHTTP2_PROTOCOL_ERROR, NGHTTP2_REFUSED_STREAM } =
  constants;

/** One exchange on a stream of an HTTP/2 session. */
export class Http2Exchange implements Transport {
  readonly address: string;
  readonly #session: Http2Session;
  readonly #timeout: Timeout = new Timeout(() => this.#expired());
  #stream: ClientHttp2Stream | null = null;
  #user: TransportUser | null = null;
  #bodyless = false;
  #headersMs = 0;
  #idleMs: number;
  #headRead = false;
  /** Of the body, told before the head: Node tells heads a tick later, and over a tunnel's socket both come in one. */
  #early: Buffer[] | null = null;
  #interim = 0;
  /** Bytes that Content-Length still owes; -1: it did not say. */
  #left = -1;
  #paused = false;
  #endSeen = false;
  #trailers: string[] | null = null;
  #requestTrailers: string[] = [];

  constructor(session: Http2Session) {
    this.#session = session;
    this.address = session.address;
    this.#idleMs = session.settings.bodyIdleMs;
  }

  send(user: TransportUser, head: RequestHead, body: Uint8Array | null, complete: boolean, timeoutMs: number): void {
    const whole = body !== null && body.length > 0 ? body : null;
    if (head.upgrade !== null) return this.#decline(user, noSwitch());
    let stream: ClientHttp2Stream;
    try {
      const fields = http2RequestFields(head, this.#session.scheme);
      stream = this.#session.request(fields, complete && whole === null, !complete);
    } catch (error) {
      return this.#decline(user, error);
    }
    this.#stream = stream;
    this.#user = user;
    this.#bodyless = head.method === "HEAD";
    this.#headersMs = timeoutMs;
    this.#listen(stream);
    this.#session.settings.wheel.arm(this.#timeout, timeoutMs);
    if (whole !== null) stream.write(whole);
    if (complete && whole !== null) stream.end();
  }

  write(chunk: Uint8Array): boolean {
    if (this.#user === null || chunk.length === 0) return true;
    this.#progress();
    return this.#stream?.write(chunk) ?? true;
  }

  finish(trailers: readonly string[] | null): void {
    if (this.#user === null) return;
    this.#requestTrailers = http2Trailers(trailers);
    this.#progress();
    this.#stream?.end();
  }

  pause(): void {
    if (this.#user === null || this.#paused) return;
    this.#paused = true;
    this.#stream?.pause();
    // A reader that is slow is not the upstream's fault.
    this.#session.settings.wheel.disarm(this.#timeout);
  }

  resume(): void {
    if (this.#user === null || !this.#paused) return;
    this.#paused = false;
    this.#stream?.resume();
    this.#armIdle();
  }

  allowSilence(milliseconds: number): void {
    this.#idleMs = milliseconds;
    if (this.#headRead) this.#armIdle();
  }

  abandon(): void {
    this.#user = null;
    this.#session.settings.wheel.disarm(this.#timeout);
    if (this.#stream === null) this.#session.released(false);
    else reset(this.#stream, NGHTTP2_CANCEL);
  }

  /** Nothing was sent, and the session is as fit as before. */
  #decline(user: TransportUser, error: unknown): void {
    this.#session.released(false);
    user.failed(error instanceof GatewayError ? error : unwritable("field"), "unprocessed");
  }

  #listen(stream: ClientHttp2Stream): void {
    stream.on("headers", (_fields, _flags, raw) => this.#interimHead(raw));
    stream.on("response", (_fields, flags, raw) => this.#head(raw, (flags & NGHTTP2_FLAG_END_STREAM) !== 0));
    stream.on("trailers", (_fields, _flags, raw) => this.#trailerFields(raw));
    stream.on("data", (chunk: Buffer) => this.#data(chunk));
    stream.on("end", () => this.#ended());
    onEndStream(stream, () => {
      this.#endSeen = true;
    });
    stream.on("drain", () => this.#user?.drained());
    stream.on("wantTrailers", () => this.#sendTrailers(stream));
    // Told by `close`, which also comes when there is no error.
    stream.on("error", () => {});
    stream.on("close", () => this.#closed(stream));
  }

  #interimHead(raw: readonly string[]): void {
    const { limits } = this.#session.settings;
    const head = readHttp2Head(raw, false, false, limits);
    this.#interim += 1;
    if (typeof head === "string") this.#malformed(head);
    else if (head.status === 101) this.#malformed("unexpected switch of protocols");
    else if (this.#interim > limits.interim) this.#malformed("too many interim responses");
    else this.#user?.interim(head.status, head.fields);
  }

  #head(raw: readonly string[], ended: boolean): void {
    if (this.#user === null) return;
    this.#session.heard();
    const head = this.#headRead
      ? "a second head"
      : readHttp2Head(raw, ended, this.#bodyless, this.#session.settings.limits);
    if (typeof head === "string") return this.#malformed(head);
    this.#headRead = true;
    if (head.framing.body > 0) this.#left = head.framing.body;
    this.#armIdle();
    this.#user.head(head);
    if (ended) this.#completed(null);
    const early = this.#early;
    this.#early = null;
    for (const chunk of early ?? []) this.#data(chunk);
  }

  #data(chunk: Buffer): void {
    if (this.#user === null) return;
    this.#session.heard();
    // No more than the stream's window.
    if (!this.#headRead) return void (this.#early ??= []).push(chunk);
    if (this.#left >= 0) {
      if (chunk.length > this.#left) return this.#malformed("more than its length");
      this.#left -= chunk.length;
    }
    this.#armIdle();
    this.#user.data(chunk);
  }

  #trailerFields(raw: readonly string[]): void {
    const problem = checkHttp2Trailers(raw, this.#session.settings.limits);
    if (problem === null) this.#trailers = raw.slice();
    else this.#malformed(problem);
  }

  /** Node also ends what was broken off, which `close` tells. */
  #ended(): void {
    if (this.#endSeen && this.#headRead && this.#left <= 0) this.#completed(this.#trailers);
  }

  #completed(trailers: string[] | null): void {
    const user = this.#user;
    this.#user = null;
    this.#session.settings.wheel.disarm(this.#timeout);
    // What is left of the request has nobody to read it.
    if (this.#stream?.writableFinished === false) reset(this.#stream, NGHTTP2_CANCEL);
    user?.end(trailers);
  }

  #sendTrailers(stream: ClientHttp2Stream): void {
    if (stream.destroyed || stream.closed) return;
    stream.sendTrailers(fieldObject(this.#requestTrailers));
  }

  #expired(): void {
    this.#session.suspect();
    this.#fail(upstreamError("upstream-timeout", "the upstream did not answer in time"), NGHTTP2_CANCEL);
  }

  #malformed(problem: string): void {
    const error = upstreamError("upstream-malformed", `the upstream's response is malformed: ${problem}`);
    this.#fail(error, NGHTTP2_PROTOCOL_ERROR);
  }

  #fail(error: GatewayError, code: number): void {
    const user = this.#user;
    this.#user = null;
    this.#session.settings.wheel.disarm(this.#timeout);
    if (this.#stream !== null) reset(this.#stream, code);
    user?.failed(error, this.#headRead || this.#interim > 0 ? "answered" : "unanswered");
  }

  #closed(stream: ClientHttp2Stream): void {
    const user = this.#user;
    const code = stream.rstCode ?? NGHTTP2_NO_ERROR;
    const progress = this.#progressAt(stream, code);
    this.#user = null;
    this.#session.settings.wheel.disarm(this.#timeout);
    this.#session.released(progress === "unprocessed");
    user?.failed(errorOf(code, progress), progress);
  }

  #progressAt(stream: ClientHttp2Stream, code: number): Progress {
    if (this.#headRead || this.#interim > 0) return "answered";
    return code === NGHTTP2_REFUSED_STREAM || this.#session.isUnprocessed(stream) ? "unprocessed" : "unanswered";
  }

  /** The request goes on: a stream in both directions is not idle while one of them is used. */
  #progress(): void {
    if (this.#headRead) this.#armIdle();
    else this.#session.settings.wheel.arm(this.#timeout, this.#headersMs);
  }

  #armIdle(): void {
    if (!this.#paused) this.#session.settings.wheel.arm(this.#timeout, this.#idleMs);
  }
}

/**
 * Not at once: within an event of the session, Node puts a cancellation off but frees the stream, and when nghttp2 then
 * asks that for its trailers, an assertion ends the whole process.
 */
function reset(stream: ClientHttp2Stream, code: number): void {
  setImmediate(() => stream.close(code));
}

function noSwitch(): GatewayError {
  const message = "the backend is said to speak HTTP/2 only, which switches no protocols: let its protocol be auto";
  return new GatewayError("upstream-unavailable", 502, message, { source: "upstream" });
}

function errorOf(code: number, progress: Progress): GatewayError {
  const why = nameOf(code);
  if (progress === "answered")
    return upstreamError("upstream-truncated", `the upstream broke off its response: ${why}`);
  // Whichever side has said so: nghttp2 resets a stream that breaks the rules.
  if (progress === "unanswered" && code === NGHTTP2_PROTOCOL_ERROR) {
    return upstreamError("upstream-malformed", `the upstream's response is malformed: ${why}`);
  }
  return upstreamError("upstream-reset", `the upstream closed the stream: ${why}`);
}

function nameOf(code: number): string {
  return errorNames.get(code) ?? `code ${code}`;
}

/** @see RFC 9113 §7 */
const errorNames: ReadonlyMap<number, string> = new Map([
  [0, "NO_ERROR"],
  [1, "PROTOCOL_ERROR"],
  [2, "INTERNAL_ERROR"],
  [3, "FLOW_CONTROL_ERROR"],
  [4, "SETTINGS_TIMEOUT"],
  [5, "STREAM_CLOSED"],
  [6, "FRAME_SIZE_ERROR"],
  [7, "REFUSED_STREAM"],
  [8, "CANCEL"],
  [9, "COMPRESSION_ERROR"],
  [10, "CONNECT_ERROR"],
  [11, "ENHANCE_YOUR_CALM"],
  [12, "INADEQUATE_SECURITY"],
  [13, "HTTP_1_1_REQUIRED"],
]);
