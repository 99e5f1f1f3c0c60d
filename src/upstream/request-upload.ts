import { Buffer } from "node:buffer";
import type { BodySink, BodySource } from "#model/body.ts";
import { GatewayError } from "#model/errors.ts";
import { Timeout, type TimerWheel } from "#wire/timer-wheel.ts";
import type { Transport } from "#wire/transport.ts";
import { KeptBody } from "./retry/kept-body.ts";

/** Who has a body to send. */
export interface UploadOwner {
  /** @returns whether the body may be started: it can be read once. */
  claimBody(): boolean;
  uploadFailed(error: GatewayError): void;
}

export interface UploadSettings {
  /** Bytes to keep for another attempt. */
  readonly keep: number;
  /** An upstream that knows nothing of `Expect` never says that it wants the body, and waits for it. RFC 9110 §10.1.1 */
  readonly continueMs: number;
}

/** The client's body on its way to the upstream, no faster than that takes it. */
export class RequestUpload implements BodySink {
  readonly #source: BodySource;
  readonly #owner: UploadOwner;
  readonly #wheel: TimerWheel;
  readonly #continueMs: number;
  /** Null between two attempts. */
  #transport: Transport | null = null;
  /** Bytes that Content-Length still owes; -1: it did not say. */
  #left: number;
  /** What another attempt would need. */
  readonly #kept: KeptBody;
  /** The head has been sent, the body has not been asked for: when that is no longer waited for. */
  #held: Timeout | null = null;
  #begun = false;
  #paused = false;
  #ended = false;
  #trailers: readonly string[] | null = null;
  #over = false;

  constructor(source: BodySource, owner: UploadOwner, wheel: TimerWheel, { keep, continueMs }: UploadSettings) {
    this.#continueMs = continueMs;
    this.#source = source;
    this.#owner = owner;
    this.#wheel = wheel;
    this.#left = source.length ?? -1;
    this.#kept = new KeptBody((source.length ?? 0) > keep ? 0 : keep);
  }

  /** The client has been told to send it. */
  get hasBegun(): boolean {
    return this.#begun;
  }

  /** All that was read so far can be sent again. */
  get isRepeatable(): boolean {
    return !this.#over && this.#kept.isWhole;
  }

  /**
   * The body of an attempt, from the first byte; of another one only while {@link isRepeatable}.
   * @param expects it is held back until the upstream says that it wants it, or has said nothing for too long
   */
  sendTo(transport: Transport, expects: boolean): void {
    this.#transport = transport;
    if (this.#begun) this.#repeat(transport);
    else if (expects) this.#hold();
    else this.#begin();
  }

  /** The upstream wants it. Without effect when it is not held back. */
  goOn(): void {
    if (this.#held !== null) this.#begin();
  }

  /** The upstream has answered. What it has not asked for stays where it is; what it refuses (413, 401) is sent no further. */
  answered(status: number): void {
    if (!this.#begun || status >= 400) this.stop();
  }

  data(chunk: Uint8Array): void {
    if (this.#over || chunk.length === 0) return;
    if (this.#left >= 0 && !this.#count(chunk)) return;
    this.#kept.add(chunk);
    // Between two attempts: what was under way when the source was told to pause.
    if (this.#transport === null) return;
    if (!this.#transport.write(chunk)) this.#pause();
  }

  lent(chunk: Uint8Array): void {
    const transport = this.#transport;
    if (transport?.writeLent === undefined || this.#kept.isWhole) return this.data(Buffer.from(chunk));
    if (this.#over || (this.#left >= 0 && !this.#count(chunk))) return;
    if (!transport.writeLent(chunk)) this.#pause();
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
    this.#owner.uploadFailed(error);
  }

  drained(): void {
    if (!this.#paused || this.#over || this.#transport === null) return;
    this.#paused = false;
    this.#source.resume();
  }

  /** The attempt failed and another follows. */
  detach(): void {
    this.#transport = null;
    this.#letGo();
    if (this.#begun && !this.#ended) this.#pause();
  }

  /** The upstream wants no more. */
  stop(): void {
    if (this.#over) return;
    this.#over = true;
    this.#letGo();
    // A body that has not begun may still be another call's.
    if (this.#begun && !this.#ended) this.#source.cancel();
  }

  #hold(): void {
    this.#held ??= new Timeout(() => this.#begin());
    this.#wheel.arm(this.#held, this.#continueMs);
  }

  #letGo(): void {
    if (this.#held === null) return;
    this.#wheel.disarm(this.#held);
    this.#held = null;
  }

  #begin(): void {
    this.#letGo();
    if (!this.#owner.claimBody()) {
      return this.fail(new GatewayError("internal", 500, "the request's body has already been sent"));
    }
    this.#begun = true;
    this.#source.start(this);
  }

  #repeat(transport: Transport): void {
    if (!this.#kept.isWhole) return this.fail(new GatewayError("internal", 500, "the request's body was not kept"));
    let room = true;
    for (const chunk of this.#kept.chunks) room = transport.write(chunk);
    if (this.#ended) transport.finish(this.#trailers);
    else if (room) this.drained();
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
