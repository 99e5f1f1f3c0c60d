/** @see RFC 9113 §6 */
export const frameType = {
  data: 0,
  headers: 1,
  priority: 2,
  reset: 3,
  settings: 4,
  pushPromise: 5,
  ping: 6,
  goAway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const;

/** `ack` is END_STREAM's bit, on frames that have no stream to end. */
export const frameFlag = { endStream: 0x1, ack: 0x1, endHeaders: 0x4, padded: 0x8, priority: 0x20 } as const;

/** @see RFC 9113 §7 */
export const errorCode = {
  none: 0,
  protocol: 1,
  internal: 2,
  flowControl: 3,
  streamClosed: 5,
  frameSize: 6,
  refusedStream: 7,
  cancel: 8,
  compression: 9,
  calm: 11,
} as const;

/** @see RFC 9113 §6.5.2, RFC 8441 §3 */
export const setting = {
  tableSize: 1,
  enablePush: 2,
  maxConcurrentStreams: 3,
  initialWindow: 4,
  maxFrameSize: 5,
  maxHeaderListSize: 6,
  enableConnect: 8,
} as const;

export const frameHeadBytes = 9;
/** Largest payload that either side sends or takes: nobody is asked for more than the default. */
export const maxPayload = 16_384;
/** Of a connection and of each stream, before anyone says otherwise. */
export const defaultWindow = 65_535;
export const largestWindow = 2_147_483_647;
