import { Buffer } from "node:buffer";
import { leafHash } from "./merkle/tree-hash.ts";
import { pieceOf, putCount, putHash, putPiece } from "./put-bytes.ts";
import { standsAt } from "./stands-at.ts";

/**
 * The hash chain. A stored line is what the worker wrote, with three members spliced in before its last brace:
 *
 *     {"id":"…",…,"seq":7,"prev":"<hash of line 6>","hash":"<64 hex>"}
 *
 * `hash` is SHA-256 over a zero byte and every byte of the line in front of `,"hash"`. The hash before is among those
 * bytes, so it is covered too. Nothing is parsed or written anew to check it; with a line in `$l`, a shell can:
 *
 *     printf '\\0%s' "${l%,\"hash\":*}" | sha256sum
 *
 * The chain runs over all segments. It shows any change, removal, insertion or reordering except the removal of the
 * newest lines, and a chain that someone wrote anew from some line to the end. For those, the hashes are also the
 * leaves of one Merkle tree over all lines (hence the zero byte), whose root is signed time and again and can be kept
 * elsewhere: `merkle/checkpoint.ts`.
 */
export interface ChainState {
  /** Of the last line; 0 before the first. */
  readonly seq: number;
  /** Of the last line, hex; 64 zeros before the first. */
  readonly hash: string;
}

export const chainStart: ChainState = { seq: 0, hash: "0".repeat(64) };

export interface ChainedLine {
  /** Ends with its line break. */
  readonly line: Buffer;
  readonly state: ChainState;
}

/** What was chained, and where its line ends, break included. */
interface ChainedInto extends ChainState {
  readonly end: number;
}

const hashMember = ',"hash":"';
const prevMember = ',"prev":"';
const seqMember = ',"seq":';
const quote = 0x22;
const zero = 0x30;
const hashLength = 64;
const pieces = {
  seq: pieceOf(seqMember),
  prev: pieceOf(prevMember),
  hash: pieceOf(hashMember),
  end: pieceOf('"}\n'),
} as const;
const lineEnd = pieceOf('"}');
/** `,"hash":"` + 64 + `"}` */
const hashPart = hashMember.length + 64 + 2;
/** `,"prev":"` + 64 + `"` */
const prevPart = prevMember.length + 64 + 1;

/** Bytes that {@link chainRecord} adds at most. */
export const chainOverhead: number = hashPart + prevPart + seqMember.length + 17;

/** Chains one record. `body`: a JSON object on one line, with at least one member. */
export function chainRecord(state: ChainState, body: Uint8Array): ChainedLine {
  const bytes = Buffer.allocUnsafe(1 + body.length + chainOverhead + 1);
  bytes.set(body, 1);
  const { end, ...next } = chainInPlace(state, bytes, 1, 1 + body.length);
  return { line: bytes.subarray(1, end), state: next };
}

/**
 * As {@link chainRecord}, where the record stands, from `start` to `end`: behind it is room for {@link chainOverhead} and
 * a line break. `start` is at least 1.
 */
export function chainInPlace(state: ChainState, bytes: Buffer, start: number, end: number): ChainedInto {
  const seq = state.seq + 1;
  let at = putPiece(bytes, end - 1, pieces.seq);
  at = putCount(bytes, at, seq);
  at = putPiece(bytes, at, pieces.prev);
  at = putHash(bytes, at, state.hash);
  bytes[at] = quote;
  const hash = leafHash(bytes, start, at + 1);
  at = putPiece(bytes, at + 1, pieces.hash);
  at = putHash(bytes, at, hash);
  return { seq, hash, end: putPiece(bytes, at, pieces.end) };
}

/** Tells whether 64 bytes of text are the hex digits of a digest, which lies somewhere by number. */
export interface DigestText {
  isHex(digest: number, text: number): boolean;
}

/** Where what the line's own hash covers ends. */
export function coveredEnd(end: number): number {
  return end - hashPart;
}

/**
 * Whether a line is exactly the one that comes next. Looks at bytes where they stand: a record is verified by this.
 *
 * @param end without line break
 * @param seq of the line
 * @param prev the digest of the line in front of it; `own`: that of what its own hash covers
 */
export function isNext(
  bytes: Uint8Array,
  start: number,
  end: number,
  seq: number,
  digests: DigestText,
  prev: number,
  own: number,
): boolean {
  const covered = coveredEnd(end);
  const prevText = covered - 1 - hashLength;
  const countEnd = prevText - prevMember.length;
  const linkStart = countStart(bytes, countEnd, seq) - seqMember.length;
  return (
    linkStart > start &&
    standsAt(bytes, linkStart, pieces.seq) &&
    standsAt(bytes, countEnd, pieces.prev) &&
    bytes[covered - 1] === quote &&
    standsAt(bytes, covered, pieces.hash) &&
    standsAt(bytes, end - lineEnd.length, lineEnd) &&
    digests.isHex(prev, prevText) &&
    digests.isHex(own, covered + hashMember.length)
  );
}

/** Where the digits of a number begin that end there; before all lines if they do not stand there. */
function countStart(bytes: Uint8Array, end: number, value: number): number {
  let at = end;
  for (let rest = value; rest > 0;) {
    const tens = Math.floor(rest / 10);
    at -= 1;
    if (bytes[at] !== zero + (rest - tens * 10)) return Number.NEGATIVE_INFINITY;
    rest = tens;
  }
  return at;
}

/** What a line says of its place in the chain. */
export interface Link extends ChainState {
  readonly prev: string;
  /** The line's own hash is right, wherever it belongs. */
  readonly intact: boolean;
}

const linkShape = /,"seq":(\d{1,16}),"prev":"([0-9a-f]{64})","hash":"([0-9a-f]{64})"\}$/;

/** Reads a line's own claim; undefined when it does not end as a chained line does. */
export function readLink(bytes: Buffer, start: number, end: number): Link | undefined {
  const claim = readClaim(bytes, start, end);
  return claim && { ...claim, intact: leafHash(bytes, start, end - hashPart) === claim.hash };
}

/** As {@link readLink}, without looking whether the line's hash is right. */
export function readClaim(bytes: Buffer, start: number, end: number): Omit<Link, "intact"> | undefined {
  const match = linkShape.exec(bytes.toString("latin1", Math.max(start, end - chainOverhead), end));
  if (match === null) return undefined;
  const [, seq = "", prev = "", stored = ""] = match;
  return { seq: Number(seq), prev, hash: stored };
}
