/**
 * Plain data in shared memory: written once, by reference in every thread it is handed to, and read there piece by
 * piece, where the structured clone of a message would hold the thread until all of it is there.
 */
export interface PackedValue {
  readonly chunks: readonly PackedChunk[];
}

/**
 * Objects in an order in which each comes behind those it refers to; their numbers count over all chunks.
 * An object is its kind, then a token for each member.
 */
export interface PackedChunk {
  /** Kinds, lengths and tokens. A token is the number of an object, or `~index` of one of `values`. */
  readonly code: Int32Array<SharedArrayBuffer>;
  /** {@link ChunkText}, serialised. */
  readonly text: Uint8Array<SharedArrayBuffer>;
}

export interface ChunkText {
  /** Lists of keys that no chunk before had; their numbers count over all chunks. */
  readonly shapes: readonly (readonly string[])[];
  /** What is no object, each once. */
  readonly values: readonly unknown[];
}

/** A length follows, then tokens. */
export const arrayKind = -1;
/** A length follows, then tokens of keys and members in turn. */
export const mapKind = -2;
/** Tokens of origin and value follow. */
export const secretKind = -3;
