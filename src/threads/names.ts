import { GatewayError } from "#model/errors.ts";
import { KeyedHash } from "./keyed-hash.ts";
import { NumberTable } from "./number-table.ts";

/** Strings kept once for all threads; a number stands for each. Append-only. Plain and cloneable. */
export interface SharedNames {
  /** Growable (views without a length follow it): `[count]`, then the end of each string in {@link bytes}. */
  readonly ends: SharedArrayBuffer;
  /** Growable: UTF-8. */
  readonly bytes: SharedArrayBuffer;
}

export interface NamesOptions {
  /** Default 4,194,304. Address space is reserved for them, memory is not. */
  readonly maxNames?: number;
  /** Default 256 MiB. */
  readonly maxBytes?: number;
}

const FIRST_BYTES = 65_536;

/** Tables that the strings are spread over, so that none is large and rehashing one takes microseconds. */
const SHARDS = 256;

/**
 * The one writer (main); no client chooses what it is given. Finds a string again through tables of hash and number,
 * which cost some 20 bytes a string where a Map costs 100.
 */
export class NamesWriter {
  readonly handle: SharedNames;
  readonly #hash: KeyedHash = new KeyedHash(0, 0);
  readonly #shards: NumberTable[] = Array.from({ length: SHARDS }, () => new NumberTable());
  readonly #ends: Int32Array;
  readonly #bytes: Buffer;
  #count: number = 0;

  constructor(options: NamesOptions = {}) {
    const maxEnds = 4 * (1 + (options.maxNames ?? 4_194_304));
    const maxBytes = options.maxBytes ?? 268_435_456;
    this.handle = {
      ends: new SharedArrayBuffer(Math.min(FIRST_BYTES, maxEnds), { maxByteLength: maxEnds }),
      bytes: new SharedArrayBuffer(Math.min(FIRST_BYTES, maxBytes), { maxByteLength: maxBytes }),
    };
    this.#ends = new Int32Array(this.handle.ends);
    this.#bytes = Buffer.from(this.handle.bytes);
  }

  /** @throws GatewayError `store-unavailable` when the bound is reached. */
  intern(text: string): number {
    const encoded = Buffer.from(text, "utf8");
    this.#hash.digest(0, 0, 0, text);
    const shard = this.#shards[this.#hash.high & (SHARDS - 1)]!;
    const found = shard.find(this.#hash.low, (number) => this.#bytesOf(number).equals(encoded));
    if (found >= 0) return found;
    const number = this.#append(encoded);
    shard.add(this.#hash.low, number);
    return number;
  }

  /** The count is published last, so a reader never sees a number without its bytes. */
  #append(encoded: Buffer): number {
    const start = this.#count === 0 ? 0 : this.#ends[this.#count]!;
    if (!grown(this.handle.ends, 4 * (this.#count + 2)) || !grown(this.handle.bytes, start + encoded.length)) {
      throw new GatewayError("store-unavailable", 503, "the table of shared names is full", { source: "store" });
    }
    this.#bytes.set(encoded, start);
    this.#ends[this.#count + 1] = start + encoded.length;
    this.#count++;
    Atomics.store(this.#ends, 0, this.#count);
    return this.#count - 1;
  }

  #bytesOf(number: number): Buffer {
    return this.#bytes.subarray(number === 0 ? 0 : this.#ends[number]!, this.#ends[number + 1]!);
  }
}

/** Reads strings by number, in any thread. Decodes anew each time: whoever reads often keeps what it read. */
export class NamesReader {
  readonly #ends: Int32Array;
  readonly #bytes: Buffer;

  constructor(shared: SharedNames) {
    this.#ends = new Int32Array(shared.ends);
    this.#bytes = Buffer.from(shared.bytes);
  }

  /** Undefined for a number that was never given. */
  read(number: number): string | undefined {
    if (number < 0 || number >= Atomics.load(this.#ends, 0)) return undefined;
    return this.#bytes.toString("utf8", number === 0 ? 0 : this.#ends[number]!, this.#ends[number + 1]!);
  }
}

/** Doubling, up to the bound. False: it does not fit. */
function grown(buffer: SharedArrayBuffer, length: number): boolean {
  if (length <= buffer.byteLength) return true;
  if (length > buffer.maxByteLength) return false;
  buffer.grow(Math.min(buffer.maxByteLength, Math.max(length, buffer.byteLength * 2)));
  return true;
}
