import { Buffer } from "node:buffer";
import { expressionFailed } from "./failure.ts";

export interface Replacing {
  readonly from: Uint8Array;
  readonly to: Uint8Array;
  /** Bytes of one character: a match begins at a multiple of it. */
  readonly step: number;
  /** A long text in the place of a short one may make any body large. */
  readonly maxBytes: number;
  /** Whether a match counts, by the byte behind it; undefined: the body ends there. */
  readonly follows?: (next: number | undefined) => boolean;
}

/** @returns undefined when nothing was found */
export function replaceBytes(body: Uint8Array, replacing: Replacing): Uint8Array | undefined {
  const { from, to, step, maxBytes, follows } = replacing;
  const whole = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  let rest = 0;
  let at = whole.indexOf(from);
  while (at >= 0) {
    const end = at + from.byteLength;
    if (at % step !== 0 || follows?.(whole[end]) === false) {
      at = whole.indexOf(from, at + 1);
      continue;
    }
    bytes += at - rest + to.byteLength;
    if (bytes > maxBytes) throw expressionFailed(`the body would become larger than ${maxBytes} bytes`);
    pieces.push(whole.subarray(rest, at), to);
    rest = end;
    at = whole.indexOf(from, rest);
  }
  return rest === 0 ? undefined : Buffer.concat([...pieces, whole.subarray(rest)]);
}
