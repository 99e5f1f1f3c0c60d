import type { BodySink, BodySource } from "#model/body.ts";
import { GatewayError } from "#model/errors.ts";
import type { Transport } from "#wire/transport.ts";

/** The client's body on its way to the upstream, no faster than that takes it. */
export class RequestUpload implements BodySink {
  readonly #source: BodySource;
  readonly #transport: Transport;
  /** Bytes that Content-Length still owes; -1: it did not say. */
  #left: number;
  readonly #failed: (error: GatewayError) => void;
  #paused = false;
  #over = false;

  constructor(source: BodySource, transport: Transport, failed: (error: GatewayError) => void) {
    this.#source = source;
    this.#transport = transport;
    this.#left = source.length ?? -1;
    this.#failed = failed;
  }

  start(): void {
    this.#source.start(this);
  }

  data(chunk: Uint8Array): void {
    if (this.#over || chunk.length === 0) return;
    const room = this.#left < 0 ? this.#transport.write(chunk) : this.#writeCounted(chunk);
    if (room || this.#over || this.#paused) return;
    this.#paused = true;
    this.#source.pause();
  }

  end(trailers: readonly string[] | null): void {
    if (this.#over) return;
    if (this.#left > 0) return this.fail(miscounted("shorter"));
    this.#over = true;
    this.#transport.finish(trailers);
  }

  fail(error: GatewayError): void {
    if (this.#over) return;
    this.#over = true;
    this.#failed(error);
  }

  drained(): void {
    if (!this.#paused || this.#over) return;
    this.#paused = false;
    this.#source.resume();
  }

  /** The upstream wants no more. */
  stop(): void {
    if (this.#over) return;
    this.#over = true;
    this.#source.cancel();
  }

  /** More than announced would be read as the next request on this connection: request smuggling. */
  #writeCounted(chunk: Uint8Array): boolean {
    if (chunk.length > this.#left) {
      this.#source.cancel();
      this.fail(miscounted("longer"));
      return false;
    }
    this.#left -= chunk.length;
    return this.#transport.write(chunk);
  }
}

function miscounted(how: string): GatewayError {
  return new GatewayError("client-malformed", 400, `the request body is ${how} than its length`, { source: "client" });
}
