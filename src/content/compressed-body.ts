import type { BodySink, BodySource } from "#model/body.ts";
import { GatewayError } from "#model/errors.ts";
import type { Coding } from "./accept-encoding.ts";
import { type Coder, flushKinds } from "./coders.ts";

/**
 * A body on its way through a coder, with back-pressure on both sides. When nothing more is waiting to be compressed,
 * what the coder holds back is flushed: a stream that trickles arrives as it comes.
 */
export class CompressedBody implements BodySource, BodySink {
  readonly length: undefined = undefined;
  readonly #source: BodySource | Uint8Array;
  readonly #coder: Coder;
  readonly #flushKind: number;
  readonly #onOver: () => void;
  #sink: BodySink | null = null;
  #trailers: readonly string[] | null = null;
  #waiting = 0;
  #ended = false;
  #held = false;
  #over = false;

  /** @param onOver the coder is no longer in use; once */
  constructor(source: BodySource | Uint8Array, coding: Coding, coder: Coder, onOver: () => void) {
    this.#source = source;
    this.#coder = coder;
    this.#flushKind = flushKinds[coding];
    this.#onOver = onOver;
  }

  start(sink: BodySink): void {
    if (this.#over) return;
    this.#sink = sink;
    this.#coder.on("data", (chunk: Uint8Array) => this.#sink?.data(chunk));
    this.#coder.on("end", () => this.#finish());
    this.#coder.on("drain", () => this.#release());
    this.#coder.on("error", (cause) => this.#broke(cause));
    if (this.#source instanceof Uint8Array) this.#coder.end(this.#source);
    else this.#source.start(this);
  }

  pause(): void {
    if (!this.#over) this.#coder.pause();
  }

  resume(): void {
    if (!this.#over) this.#coder.resume();
  }

  cancel(): void {
    if (this.#over) return;
    this.#sink = null;
    if (!(this.#source instanceof Uint8Array)) this.#source.cancel();
    this.#close();
  }

  data(chunk: Uint8Array): void {
    if (this.#over || this.#source instanceof Uint8Array) return;
    this.#waiting += 1;
    if (this.#coder.write(chunk, () => this.#written()) || this.#held) return;
    this.#held = true;
    this.#source.pause();
  }

  end(trailers: readonly string[] | null): void {
    if (this.#over) return;
    this.#ended = true;
    this.#trailers = trailers;
    this.#coder.end();
  }

  fail(error: GatewayError): void {
    const sink = this.#sink;
    this.#sink = null;
    this.#close();
    sink?.fail(error);
  }

  #written(): void {
    this.#waiting -= 1;
    if (this.#waiting === 0 && !this.#ended && !this.#over) this.#coder.flush(this.#flushKind);
  }

  #release(): void {
    if (!this.#held || this.#over || this.#source instanceof Uint8Array) return;
    this.#held = false;
    this.#source.resume();
  }

  #finish(): void {
    const sink = this.#sink;
    this.#sink = null;
    this.#close();
    sink?.end(this.#trailers);
  }

  #broke(cause: unknown): void {
    if (this.#over) return;
    if (!(this.#source instanceof Uint8Array)) this.#source.cancel();
    this.fail(new GatewayError("internal", 500, "the response could not be compressed", { cause }));
  }

  #close(): void {
    if (this.#over) return;
    this.#over = true;
    this.#coder.destroy();
    this.#onOver();
  }
}
