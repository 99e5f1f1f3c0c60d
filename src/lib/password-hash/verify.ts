import { argon2Sync, timingSafeEqual } from "node:crypto";
import { Buffer } from "node:buffer";
import { compareSync } from "bcryptjs";
import { type Argon2Hash, parsePasswordHash } from "./parse.ts";

/** bcrypt reads no further. What is longer is refused and not cut: its end would not matter, and nobody would know. */
export const bcryptBytes = 72;

/**
 * Whether a password is the one that a hash was made of. Takes up to seconds, without a pause: for a thread of its own.
 * Both digests are compared in constant time.
 */
export function verifyPassword(password: string, hash: string): boolean {
  const parsed = parsePasswordHash(hash);
  if (typeof parsed === "string") return false;
  if (parsed.kind === "argon2id") return timingSafeEqual(argon2Digest(password, parsed), parsed.digest);
  const isWhole = Buffer.byteLength(password) <= bcryptBytes;
  // One that is too long costs as much as any other.
  return compareSync(isWhole ? password : "", parsed.text) && isWhole;
}

export function argon2Digest(
  password: string,
  hash: Omit<Argon2Hash, "kind" | "digest"> & { digest: Uint8Array },
): Buffer {
  return argon2Sync("argon2id", {
    message: password,
    nonce: hash.salt,
    parallelism: hash.lanes,
    tagLength: hash.digest.length,
    memory: hash.memoryKiB,
    passes: hash.passes,
  });
}
