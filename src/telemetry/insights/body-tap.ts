import { Buffer } from "node:buffer";
import type { BodySink, BodySource } from "#model/body.ts";
import type { GatewayError } from "#model/errors.ts";

/** What taps of one worker hold at a time, in bytes: how many exchanges last, and how long, is for clients to say. */
export class TapRoom {
  #left: number;

  constructor(bytes: number) {
    this.#left = bytes;
  }

  /** @returns whether there was room; what was taken is given back. */
  take(bytes: number): boolean {
    if (bytes > this.#left) return false;
    this.#left -= bytes;
    return true;
  }

  giveBack(bytes: number): void {
    this.#left += bytes;
  }
}

/** The first bytes of a body, copied: a piece of it would hold all of what was read with it. */
export class BodyTap {
  readonly #room: TapRoom;
  readonly #chunks: Buffer[] = [];
  #left: number;
  #held = 0;
  /** There was no room: what is here is not the beginning of the whole. */
  isLost = false;

  /** @param most bytes */
  constructor(most: number, room: TapRoom) {
    this.#left = most;
    this.#room = room;
  }

  take(chunk: Uint8Array): void {
    if (this.#left === 0 || chunk.byteLength === 0 || this.isLost) return;
    const first = chunk.subarray(0, this.#left);
    if (!this.#room.take(first.byteLength)) {
      this.isLost = true;
      return;
    }
    this.#held += first.byteLength;
    this.#left -= first.byteLength;
    this.#chunks.push(Buffer.from(first));
  }

  get bytes(): Uint8Array {
    const [only] = this.#chunks;
    return this.#chunks.length === 1 && only !== undefined ? only : Buffer.concat(this.#chunks);
  }

  /** Once, when nobody asks for the bytes any more. */
  release(): void {
    this.#room.giveBack(this.#held);
    this.#held = 0;
  }
}

/** A body on its way to whoever reads it, with a tap on it. Back-pressure, ends and failures go through untouched. */
export class TappedBody implements BodySource, BodySink {
  readonly #source: BodySource;
  readonly #tap: BodyTap;
  #sink: BodySink | null = null;

  constructor(source: BodySource, tap: BodyTap) {
    this.#source = source;
    this.#tap = tap;
  }

  get length(): number | undefined {
    return this.#source.length;
  }

  get waits(): boolean {
    return this.#source.waits === true;
  }

  /** Of a client's body: bytes so far. */
  get received(): number {
    return (this.#source as { readonly received?: number }).received ?? 0;
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
    this.#source.cancel();
  }

  data(chunk: Uint8Array): void {
    this.#tap.take(chunk);
    this.#sink?.data(chunk);
  }

  end(trailers: readonly string[] | null): void {
    this.#sink?.end(trailers);
  }

  fail(error: GatewayError): void {
    this.#sink?.fail(error);
  }
}
