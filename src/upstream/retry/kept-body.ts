const none: readonly Uint8Array[] = [];

/** The beginning of a body, as long as it is within bounds: one byte more, and nothing of it is kept. */
export class KeptBody {
  #chunks: Uint8Array[] | null = null;
  #left: number;
  #whole = true;

  /** @param bytes 0: nothing is kept */
  constructor(bytes: number) {
    this.#left = bytes;
  }

  /** Everything that was added is there. */
  get isWhole(): boolean {
    return this.#whole;
  }

  get chunks(): readonly Uint8Array[] {
    return this.#chunks ?? none;
  }

  add(chunk: Uint8Array): void {
    if (!this.#whole) return;
    this.#left -= chunk.length;
    if (this.#left < 0) {
      this.#whole = false;
      this.#chunks = null;
      return;
    }
    this.#chunks ??= [];
    this.#chunks.push(chunk);
  }
}
