import { Buffer } from "node:buffer";
import type { Random } from "#model/ports.ts";

const pooledBytes = 4096;

/** Ids of traces and spans: random, cut from one text, since asking for a few bytes costs as much as for many. */
export class SpanIds {
  readonly #random: Random;
  #pool = "";
  #at = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  traceId(): string {
    return this.#digits(32);
  }

  spanId(): string {
    return this.#digits(16);
  }

  /** All zeros is no id, and will not come in the life of anything. */
  #digits(count: number): string {
    if (this.#at + count > this.#pool.length) {
      this.#pool = Buffer.from(this.#random.bytes(pooledBytes)).toString("hex");
      this.#at = 0;
    }
    this.#at += count;
    return this.#pool.slice(this.#at - count, this.#at);
  }
}
