import type { BodySink, BodySource } from "#model/body.ts";
import { GatewayError } from "#model/errors.ts";
import type { Transport } from "#wire/transport.ts";
import { KeptBody } from "./retry/kept-body.ts";

/** The client's body on its way to the upstream, no faster than that takes it. */
export class RequestUpload implements BodySink {
  readonly #source: BodySource;
  /** Null between two attempts. */
  #transport: Transport | null;
  /** Bytes that Content-Length still owes; -1: it did not say. */
  #left: number;
  readonly #failed: (error: GatewayError) => void;
  /** What another attempt would need. */
  readonly #kept: KeptBody;
  #paused = false;
  #ended = false;
  #trailers: readonly string[] | null = null;
  #over = false;

  /** @param keep bytes to keep for another attempt */
  constructor(source: BodySource, transport: Transport, keep: number, failed: (error: GatewayError) => void) {
    this.#source = source;
    this.#transport = transport;
    this.#left = source.length ?? -1;
    this.#failed = failed;
    this.#kept = new KeptBody((source.length ?? 0) > keep ? 0 : keep);
  }

  /** All that was read so far can be sent again. */
  get isRepeatable(): boolean {
    return !this.#over && this.#kept.isWhole;
  }

  start(): void {
    this.#source.start(this);
  }

  data(chunk: Uint8Array): void {
    if (this.#over || chunk.length === 0) return;
    if (this.#left >= 0 && !this.#count(chunk)) return;
    this.#kept.add(chunk);
    // Between two attempts: what was under way when the source was told to pause.
    if (this.#transport === null) return;
    if (!this.#transport.write(chunk)) this.#pause();
  }

  end(trailers: readonly string[] | null): void {
    if (this.#over) return;
    if (this.#left > 0) return this.fail(miscounted("shorter"));
    this.#ended = true;
    this.#trailers = trailers;
    this.#transport?.finish(trailers);
  }

  fail(error: GatewayError): void {
    if (this.#over) return;
    this.#over = true;
    this.#failed(error);
  }

  drained(): void {
    if (!this.#paused || this.#over || this.#transport === null) return;
    this.#paused = false;
    this.#source.resume();
  }

  /** The attempt failed and another follows. */
  detach(): void {
    this.#transport = null;
    if (!this.#ended) this.#pause();
  }

  /** Another attempt: from the first byte. Only while {@link isRepeatable}. */
  moveTo(transport: Transport): void {
    if (!this.#kept.isWhole) return this.fail(new GatewayError("internal", 500, "the request's body was not kept"));
    this.#transport = transport;
    let room = true;
    for (const chunk of this.#kept.chunks) room = transport.write(chunk);
    if (this.#ended) transport.finish(this.#trailers);
    else if (room) this.drained();
  }

  /** The upstream wants no more. */
  stop(): void {
    if (this.#over) return;
    this.#over = true;
    if (!this.#ended) this.#source.cancel();
  }

  #pause(): void {
    if (this.#over || this.#paused) return;
    this.#paused = true;
    this.#source.pause();
  }

  /** More than announced would be read as the next request on this connection: request smuggling. */
  #count(chunk: Uint8Array): boolean {
    if (chunk.length > this.#left) {
      this.#source.cancel();
      this.fail(miscounted("longer"));
      return false;
    }
    this.#left -= chunk.length;
    return true;
  }
}

function miscounted(how: string): GatewayError {
  return new GatewayError("client-malformed", 400, `the request body is ${how} than its length`, { source: "client" });
}
