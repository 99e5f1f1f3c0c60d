/**
 * A run of whole lines in a segment of the record, as the search index knows it. The index proves nothing and can be
 * built again from the record; it says in which blocks a record cannot be.
 */
export interface IndexedBlock {
  readonly segment: number;
  /** Bytes from the start of the segment as it was written, whether or not it is kept compressed. */
  readonly offset: number;
  readonly bytes: number;
  readonly lines: number;
  /** Of the first line. */
  readonly firstSeq: number;
  /** When its records were made, in milliseconds since the epoch; 0 and 0 where there is none. */
  readonly fromMs: number;
  readonly toMs: number;
  /** As `fromMs`, without those that lasted long before their record was written: the ids of these are terms. */
  readonly usualFromMs: number;
  /** Terms of its lines, as a Bloom filter. */
  readonly filter: Uint8Array;
}

/** Up to where the record is indexed. */
export interface IndexEnd {
  readonly segment: number;
  readonly offset: number;
}

export interface BlockQuery {
  /** Records made from this moment on, and before that one; milliseconds since the epoch. */
  readonly fromMs: number;
  readonly toMs: number;
}

/** Synchronous: for a thread of its own, or a command. */
export interface SearchIndex {
  end(): IndexEnd;
  /**
   * Adds blocks that follow on one another from `after` on, which becomes `end`. False, and nothing is added, when the
   * index does not end at `after` any more: somebody else was faster.
   */
  add(after: IndexEnd, blocks: readonly IndexedBlock[], end: IndexEnd): boolean;
  /** The newest block of a segment. */
  last(segment: number): IndexedBlock | undefined;
  /** The block that a byte of a segment is in; undefined: that is not indexed. */
  blockAt(segment: number, offset: number): IndexedBlock | undefined;
  /** Newest first. */
  blocks(query: BlockQuery): Iterable<IndexedBlock>;
  /** Forgets what is known of a segment and all later ones, or of all before one. */
  dropFrom(segment: number): void;
  dropBefore(segment: number): void;
  close(): void;
}
