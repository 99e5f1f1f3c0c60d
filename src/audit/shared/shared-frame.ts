import { Buffer } from "node:buffer";

/** So many things at a time may be told of by one worker. */
export const mostShared = 16_384;
/** And so many bytes in all, which the writer thread keeps for that worker. */
export const mostSharedBytes: number = 8 * 1024 * 1024;
/** What is longer is written into each record instead. */
export const longestShared = 4096;

/**
 * How a worker tells the writer thread what its records share: this, eight hexadecimal digits, and a JSON object. Nothing
 * in its place: what was told under that number is to be forgotten.
 */
export const sharedFrameStart: Buffer = Buffer.from("shared:");
export const sharedMembersAt: number = sharedFrameStart.length + 8;
