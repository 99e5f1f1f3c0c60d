/** Blocks of the longest message that goes into a lane. A longer one takes less time by itself, by `crypto.hash`. */
export const laneBlocks = 12;
const slack = 128;
/** Of a lane: its message, and what {@link placeCode} may write behind it. */
export const laneBytes: number = laneBlocks * 64 + slack;

/** Where things stand in the memory of the module, in bytes. */
export const layout = {
  constants: 0,
  initial: 256,
  digits: 288,
  /** Addresses of four messages, padded; and of four digests. */
  messages: 304,
  digests: 320,
  lanes: 384,
} as const;

/** From here on memory is the caller's. */
export const freeFrom: number = layout.lanes + 4 * laneBytes;
