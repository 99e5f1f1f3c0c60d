import { Buffer } from "node:buffer";

/** So many things at a time may be told of by one worker. */
export const mostShared = 1024;
/** What is longer is written into each record instead. */
export const longestShared = 4096;

/** How a worker tells the writer thread what its records share: this, eight hexadecimal digits, and a JSON object. */
export const sharedFrameStart: Buffer = Buffer.from("shared:");
export const sharedMembersAt: number = sharedFrameStart.length + 8;
