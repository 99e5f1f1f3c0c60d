import { Buffer } from "node:buffer";
import type { BodySink, BodySource } from "#model/body.ts";
import type { GatewayError } from "#model/errors.ts";

/** What a response body can ask of the exchange it comes from. */
export interface BodyOrigin {
  pauseReading(): void;
  resumeReading(): void;
  /** Nobody wants the rest. */
  abandon(): void;
}

/** Kept at most before somebody reads: about one read of a socket more than this. */
const earlyBytes = 64 * 1024;

/** The upstream's body on its way to whoever starts it. Until then, what comes is kept, within bounds. */
export class ResponseBody implements BodySource {
  readonly length: number | undefined;
  readonly #origin: BodyOrigin;
  #sink: BodySink | null = null;
  #early: Uint8Array[] | null = null;
  #earlyLength = 0;
  #ended = false;
  #cancelled = false;
  #trailers: readonly string[] | null = null;
  #error: GatewayError | null = null;

  constructor(length: number | undefined, origin: BodyOrigin) {
    this.length = length;
    this.#origin = origin;
  }

  start(sink: BodySink): void {
    if (this.#cancelled) return;
    this.#sink = sink;
    this.#flush(sink);
    if (this.#cancelled) return;
    if (this.#error !== null) queueMicrotask(() => this.#deliverError());
    else if (this.#ended) sink.end(this.#trailers);
    else if (this.#earlyLength > earlyBytes) this.#origin.resumeReading();
  }

  pause(): void {
    if (!this.#isOver) this.#origin.pauseReading();
  }

  resume(): void {
    if (!this.#isOver) this.#origin.resumeReading();
  }

  cancel(): void {
    if (this.#cancelled) return;
    this.detach();
    if (!this.#ended && this.#error === null) this.#origin.abandon();
  }

  /** From the upstream. */
  push(chunk: Uint8Array): void {
    if (this.#cancelled) return;
    if (this.#sink !== null) return this.#sink.data(chunk);
    this.#early ??= [];
    this.#early.push(chunk);
    this.#earlyLength += chunk.length;
    if (this.#earlyLength > earlyBytes) this.#origin.pauseReading();
  }

  /** From the upstream, whose memory it stays. */
  lent(chunk: Uint8Array): void {
    if (this.#cancelled) return;
    if (this.#sink?.lent === undefined) this.push(Buffer.from(chunk));
    else this.#sink.lent(chunk);
  }

  finish(trailers: readonly string[] | null): void {
    this.#ended = true;
    this.#trailers = trailers;
    if (!this.#cancelled) this.#sink?.end(trailers);
  }

  break(error: GatewayError): void {
    this.#error = error;
    if (!this.#cancelled) this.#sink?.fail(error);
  }

  /** No further call to the sink. */
  detach(): void {
    this.#cancelled = true;
    this.#sink = null;
    this.#early = null;
  }

  get #isOver(): boolean {
    return this.#ended || this.#cancelled || this.#error !== null;
  }

  #flush(sink: BodySink): void {
    const early = this.#early;
    this.#early = null;
    if (early === null) return;
    for (const chunk of early) {
      if (this.#cancelled) return;
      sink.data(chunk);
    }
  }

  #deliverError(): void {
    if (!this.#cancelled && this.#error !== null) this.#sink?.fail(this.#error);
  }
}
