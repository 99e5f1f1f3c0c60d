/** Of one connection: errors of streams that are none of the connection's, streams that are too many, and empty frames. */
const mostOffences = 100;
/** Streams that were reset and may still be sent to: more than a client can open before it hears of the first. */
const remembered = 256;

/** Counts what each costs a client little and the gateway more, and knows the streams that were broken off last. */
export class Http2Meter {
  #offences = 0;
  #resets: Uint32Array | null = null;
  #at = 0;

  /** Counts one more. @returns they are too many */
  offends(): boolean {
    this.#offences += 1;
    return this.#offences > mostOffences;
  }

  noteReset(stream: number): void {
    this.#resets ??= new Uint32Array(remembered);
    this.#resets[this.#at] = stream;
    this.#at = (this.#at + 1) % remembered;
  }

  /** What the client has sent before it knew. */
  wasReset(stream: number): boolean {
    return this.#resets?.includes(stream) === true;
  }
}
