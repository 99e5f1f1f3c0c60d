/** Bytes put together from several reads; grows by doubling up to what its user lets in, and is used again. */
export class ByteBuffer {
  #bytes: Buffer = Buffer.alloc(0);
  length = 0;

  append(chunk: Uint8Array, from: number, to: number): void {
    const needed = this.length + to - from;
    if (needed > this.#bytes.length) this.#grow(needed);
    this.#bytes.set(chunk.subarray(from, to), this.length);
    this.length = needed;
  }

  /** The memory changes with the next call. */
  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.length);
  }

  clear(): void {
    this.length = 0;
    if (this.#bytes.length > 4096) this.#bytes = Buffer.alloc(0);
  }

  #grow(needed: number): void {
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.#bytes.length * 2, 512));
    grown.set(this.bytes);
    this.#bytes = grown;
  }
}
