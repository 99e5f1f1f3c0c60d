import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import type { CacheEntry } from "#model/cache.ts";

/** Raised with whatever changes the meaning of what is kept, so that gateways of two versions never read each other's. */
const version = "SPC1";
const digestBytes = 16;
/** Version, digest, end, length of what is known of the body. */
const headBytes = version.length + digestBytes + 8 + 4;

/** Bytes of an entry besides its own. */
export const frameOverhead: number = headBytes;

/**
 * An entry as it lies outside. The digest covers the key too: bytes that were cut, changed, or moved to another key are
 * no entry. It is no proof of who wrote them: whoever may write there decides what is answered.
 */
export function encodeFrame(key: string, { meta, body, expiresAt }: CacheEntry): Buffer {
  const metaBytes = Buffer.byteLength(meta);
  const frame = Buffer.alloc(headBytes + metaBytes + body.byteLength);
  frame.write(version, 0, "latin1");
  let at = frame.writeDoubleBE(expiresAt, version.length + digestBytes);
  at = frame.writeUInt32BE(metaBytes, at);
  at += frame.write(meta, at, "utf8");
  frame.set(body, at);
  digestOf(key, frame).copy(frame, version.length);
  return frame;
}

/** Undefined for what is not ours. Null for what is over. */
export function decodeFrame(key: string, frame: Buffer, now: number): CacheEntry | null | undefined {
  if (frame.length < headBytes || frame.toString("latin1", 0, version.length) !== version) return undefined;
  if (!digestOf(key, frame).equals(frame.subarray(version.length, version.length + digestBytes))) return undefined;
  const expiresAt = frame.readDoubleBE(version.length + digestBytes);
  const bodyAt = headBytes + frame.readUInt32BE(headBytes - 4);
  if (!(expiresAt > now)) return null;
  return { meta: frame.toString("utf8", headBytes, bodyAt), body: frame.subarray(bodyAt), expiresAt };
}

function digestOf(key: string, frame: Buffer): Buffer {
  const hash = createHash("sha256")
    .update(key)
    .update("\0")
    .update(frame.subarray(version.length + digestBytes));
  return hash.digest().subarray(0, digestBytes);
}
