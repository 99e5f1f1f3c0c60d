import { Buffer } from "node:buffer";
import { bordersOf, cheapSearch, linearSearch } from "#lib/linear-search.ts";
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
  const find = finder(whole, from);
  let at = find(0);
  while (at >= 0) {
    const end = at + from.byteLength;
    if (at % step !== 0 || follows?.(whole[end]) === false) {
      at = find(at + 1);
      continue;
    }
    bytes += at - rest + to.byteLength;
    if (bytes > maxBytes) throw expressionFailed(`the body would become larger than ${maxBytes} bytes`);
    pieces.push(whole.subarray(rest, at), to);
    rest = end;
    at = find(rest);
  }
  return rest === 0 ? undefined : Buffer.concat([...pieces, whole.subarray(rest)]);
}

/** Both may be a client's: then a table costs less than looking at each place for what nearly fits. */
function finder(whole: Buffer, from: Uint8Array): (start: number) => number {
  if (whole.byteLength * from.byteLength <= cheapSearch) return (start) => whole.indexOf(from, start);
  const within = whole.toString("latin1");
  const wanted = Buffer.from(from.buffer, from.byteOffset, from.byteLength).toString("latin1");
  const table = bordersOf(wanted);
  return (start) => linearSearch(within, { wanted, table, from: start, end: within.length });
}
