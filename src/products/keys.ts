import { Buffer } from "node:buffer";
import { createKeyedDigest } from "#lib/keyed-digest.ts";
import { GatewayError } from "#model/errors.ts";
import type { Random } from "#model/ports.ts";

export interface KeyHasher {
  /** 32 bytes. Without the pepper, a stolen store says nothing of a key, not even whether a guess is right. */
  digest(key: string): Uint8Array;
}

/**
 * @param pepper 32 to 64 random bytes, kept outside the store
 * @throws GatewayError `internal` for a pepper of another length
 */
export function createKeyHasher(pepper: Uint8Array): KeyHasher {
  try {
    return { digest: createKeyedDigest(pepper) };
  } catch (error) {
    throw new GatewayError("internal", 500, "the pepper of the key digests has 32 to 64 bytes", { cause: error });
  }
}

/** A new key: `sp_`, by which scanners for leaked secrets know it, and 256 random bits in base64url; 46 characters. */
export function generateKey(random: Random): string {
  const bytes = random.bytes(32);
  if (bytes.length !== 32) throw new GatewayError("internal", 500, "the random source gave too few bytes for a key");
  return `sp_${Buffer.from(bytes).toString("base64url")}`;
}

/** What a key is called where it must not stand itself: of its keyed digest, which says nothing of it, 48 bits. */
export function keyId(digest: Uint8Array): string {
  return Buffer.from(digest.buffer, digest.byteOffset, 6).toString("hex");
}
