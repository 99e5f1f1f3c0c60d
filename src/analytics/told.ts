/** A worker's counts of some seconds, as it tells them; one of several where there are many. Buffers are given away. */
export interface Told {
  /** Milliseconds since the epoch, when counting began. */
  readonly since: number;
  readonly region: string;
  /** Values of dimensions, which {@link rows} name by their place. */
  readonly names: readonly string[];
  /** {@link rowWidth} numbers a cell. */
  readonly rows: Float64Array<ArrayBuffer>;
  /** The sketches of the cells, one behind the other. */
  readonly sketches: Uint8Array<ArrayBuffer>;
  /** Requests that were counted under `other`, by dimension; flat: name, count. */
  readonly beyond: readonly (readonly [string, number])[];
}

/** Where what stands in a row. */
export const column = {
  api: 0,
  operation: 1,
  product: 2,
  subscription: 3,
  principal: 4,
  status: 5,
  reason: 6,
  upstream: 7,
  agent: 8,
  calls: 9,
  denied: 10,
  bytesIn: 11,
  bytesOut: 12,
  cacheHits: 13,
  tokens: 14,
  sumMs: 15,
  maxMs: 16,
  sketchBytes: 17,
} as const;

export const rowWidth = 18;
