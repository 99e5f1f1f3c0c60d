import type { BodySink, BodySource } from "#model/body.ts";
import type { GatewayError } from "#model/errors.ts";

/**
 * A body on its way to the client, of which a copy is kept. Only a whole one counts: a response that was cut off, grew
 * too large, or was not read to its end is not stored.
 */
export class StoringBody implements BodySource, BodySink {
  readonly length: number | undefined;
  readonly #source: BodySource;
  readonly #maxBytes: number;
  readonly #keep: (body: Uint8Array) => void;
  #sink: BodySink | null = null;
  #chunks: Uint8Array[] | null = [];
  #bytes = 0;

  constructor(source: BodySource, maxBytes: number, keep: (body: Uint8Array) => void) {
    this.length = source.length;
    this.#source = source;
    this.#maxBytes = maxBytes;
    this.#keep = keep;
    if (source.length !== undefined && source.length > maxBytes) this.#chunks = null;
  }

  start(sink: BodySink): void {
    this.#sink = sink;
    this.#source.start(this);
  }

  pause(): void {
    this.#source.pause();
  }

  resume(): void {
    this.#source.resume();
  }

  cancel(): void {
    this.#chunks = null;
    this.#source.cancel();
  }

  data(chunk: Uint8Array): void {
    this.#bytes += chunk.byteLength;
    if (this.#bytes > this.#maxBytes) this.#chunks = null;
    this.#chunks?.push(chunk);
    this.#sink?.data(chunk);
  }

  end(trailers: readonly string[] | null): void {
    const chunks = this.#chunks;
    this.#chunks = null;
    if (chunks !== null) this.#keep(Buffer.concat(chunks, this.#bytes));
    this.#sink?.end(trailers);
  }

  fail(error: GatewayError): void {
    this.#chunks = null;
    this.#sink?.fail(error);
  }
}
