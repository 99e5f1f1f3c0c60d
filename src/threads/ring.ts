import { GatewayError } from "#model/errors.ts";
import { createDoorbell, type SharedDoorbell } from "./doorbell.ts";

/** Words of the header. Positions are bytes since the start, modulo 2^32; sequences likewise. */
export const HEAD = 0;
export const TAIL = 1;
export const DURABLE = 2;
export const FAILED = 3;
export const TAKEN = 4;
export const HEADER_BYTES = 64;
export const LENGTH_BYTES = 4;

/**
 * A byte ring from one producer (a worker) to one consumer (the writer thread). Plain and cloneable. One ring serves
 * one worker for its life; after a death the consumer drains what is left and drops it.
 */
export interface SharedRing {
  readonly buffer: SharedArrayBuffer;
  /** Rung when there is something to drain; may be shared by all rings of one consumer. */
  readonly bell: SharedDoorbell;
  /** Rung when there is room again. */
  readonly spaceBell: SharedDoorbell;
  /** Rung when the durable sequence moves, or the consumer fails. */
  readonly durableBell: SharedDoorbell;
}

export interface RingOptions {
  /** Bytes, rounded up to a power of two of at least 4096. Default 4 MiB. */
  readonly bytes?: number;
  readonly bell?: SharedDoorbell;
}

export function createRing(options: RingOptions = {}): SharedRing {
  const size = 2 ** Math.ceil(Math.log2(Math.max(4096, options.bytes ?? 4_194_304)));
  if (size > 2 ** 30) throw new GatewayError("internal", 500, "a ring has at most 1 GiB");
  return {
    buffer: new SharedArrayBuffer(HEADER_BYTES + size),
    bell: options.bell ?? createDoorbell(),
    spaceBell: createDoorbell(),
    durableBell: createDoorbell(),
  };
}

/** The largest record a ring takes: a quarter of it. */
export function maxRecordBytes(size: number): number {
  return size / 4 - LENGTH_BYTES;
}

/** A record's place: its length word, its bytes, and padding to four bytes, so that a length word never wraps. */
export function placeFor(bytes: number): number {
  return LENGTH_BYTES + ((bytes + 3) & ~3);
}
