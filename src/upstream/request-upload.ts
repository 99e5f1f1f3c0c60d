import type { BodySink, BodySource } from "#model/body.ts";
import { GatewayError } from "#model/errors.ts";
import type { Connection } from "#wire/connection.ts";
import { writeLastChunk } from "#wire/http1-request-writer.ts";

/** The client's body on its way to the upstream, no faster than that takes it. */
export class RequestUpload implements BodySink {
  readonly #source: BodySource;
  readonly #connection: Connection;
  /** Bytes that Content-Length still owes; -1: chunked. */
  #left: number;
  readonly #failed: (error: GatewayError) => void;
  #paused = false;
  #over = false;

  constructor(source: BodySource, connection: Connection, failed: (error: GatewayError) => void) {
    this.#source = source;
    this.#connection = connection;
    this.#left = source.length ?? -1;
    this.#failed = failed;
  }

  start(): void {
    this.#source.start(this);
  }

  data(chunk: Uint8Array): void {
    if (this.#over || chunk.length === 0) return;
    const room = this.#left < 0 ? this.#connection.writeChunk(chunk) : this.#writeCounted(chunk);
    if (room || this.#over || this.#paused) return;
    this.#paused = true;
    this.#source.pause();
  }

  end(trailers: readonly string[] | null): void {
    if (this.#over) return;
    if (this.#left > 0) return this.fail(miscounted("shorter"));
    this.#over = true;
    this.#connection.finish(this.#left < 0 ? writeLastChunk(trailers) : "");
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
    return this.#connection.write(chunk);
  }
}

function miscounted(how: string): GatewayError {
  return new GatewayError("client-malformed", 400, `the request body is ${how} than its length`, { source: "client" });
}
