/** Lengths are UTF-16 units, before escaping; lists are counts. */
export interface RecordLimits {
  readonly path: number;
  readonly query: number;
  /** Host, identifiers, names. */
  readonly name: number;
  /** Values a step saw. */
  readonly detail: number;
  readonly groups: number;
  readonly actors: number;
  readonly certificateNames: number;
  readonly handovers: number;
}

/** Largest record a worker writes, bytes of UTF-8. */
export const maxRecordBytes: number = 16 * 1024;

export const usualLimits: RecordLimits = {
  path: 2048,
  query: 2048,
  name: 256,
  detail: 512,
  groups: 64,
  actors: 8,
  certificateNames: 32,
  handovers: 64,
};

/**
 * For a record that came out larger than {@link maxRecordBytes}. A request is never left unrecorded because its
 * client sent long values, so with these it fits even if every unit needs a six-byte escape.
 */
export const tightLimits: RecordLimits = {
  path: 192,
  query: 96,
  name: 48,
  detail: 24,
  groups: 2,
  actors: 2,
  certificateNames: 2,
  handovers: 10,
};
