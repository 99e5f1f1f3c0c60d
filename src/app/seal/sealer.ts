import { Buffer } from "node:buffer";
import { createCipheriv, createDecipheriv, hkdfSync } from "node:crypto";
import { GatewayError } from "#model/errors.ts";
import type { Random, Sealer } from "#model/ports.ts";

/** 256 bits, random, with the name that stands in what it has sealed. */
export interface SealingKey {
  /** 8 bytes, hex. Not secret. */
  readonly id: string;
  readonly key: Uint8Array;
}

const version = 1;
const idLength = 8;
const headLength = 1 + idLength;
const nonceLength = 12;
const tagLength = 16;

/**
 * AES-256-GCM: version (1 byte), key id (8), nonce (12), ciphertext, tag (16). Head and context are authenticated.
 *
 * Nonces are random. Two that are alike would betray both texts, so each context has a key of its own, derived by HKDF:
 * 2^32 sealings a context keep the odds below 2^-32.
 *
 * @param keys the first seals, all open; at least one
 * @see NIST SP 800-38D §8.3, RFC 5869
 */
export function createSealer(keys: readonly [SealingKey, ...SealingKey[]], random: Random): Sealer {
  const [current] = keys;
  const byId = new Map(keys.map((one) => [one.id, one]));
  return {
    seal: (plain, context) => {
      const head = Buffer.concat([Uint8Array.of(version), Buffer.from(current.id, "hex")]);
      const nonce = random.bytes(nonceLength);
      const cipher = createCipheriv("aes-256-gcm", subkey(current, context), nonce, { authTagLength: tagLength });
      cipher.setAAD(additional(head, context));
      return Buffer.concat([head, nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
    },
    open: (sealed, context) => {
      const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength);
      const key = byId.get(sealedUnder(bytes) ?? "");
      if (key === undefined) throw broken(context, "it is sealed under a key that is not here");
      return opened(bytes, key, context);
    },
  };
}

/** Id of the key; null: these bytes are nothing that was sealed. */
export function sealedUnder(sealed: Uint8Array): string | null {
  if (sealed.length < headLength + nonceLength + tagLength || sealed[0] !== version) return null;
  return Buffer.from(sealed.subarray(1, headLength)).toString("hex");
}

function opened(bytes: Buffer, key: SealingKey, context: string): Uint8Array {
  const head = bytes.subarray(0, headLength);
  const nonce = bytes.subarray(headLength, headLength + nonceLength);
  const decipher = createDecipheriv("aes-256-gcm", subkey(key, context), nonce, { authTagLength: tagLength });
  decipher.setAAD(additional(head, context));
  decipher.setAuthTag(bytes.subarray(-tagLength));
  try {
    return Buffer.concat([decipher.update(bytes.subarray(headLength + nonceLength, -tagLength)), decipher.final()]);
  } catch {
    throw broken(context, "it was altered, or is of something else");
  }
}

function subkey({ key }: SealingKey, context: string): Uint8Array {
  return new Uint8Array(hkdfSync("sha256", key, new Uint8Array(0), `sallyport seal 1 ${context}`, 32));
}

function additional(head: Uint8Array, context: string): Uint8Array {
  return Buffer.concat([head, Buffer.from(context)]);
}

function broken(context: string, why: string): GatewayError {
  return new GatewayError("seal-broken", 500, `what is sealed as ${context} cannot be opened: ${why}`, {
    source: "store",
  });
}
