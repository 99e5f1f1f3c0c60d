import { Buffer } from "node:buffer";
import { encodeBase64, hashSync } from "bcryptjs";
import { argon2Digest, bcryptBytes } from "./verify.ts";

/** 46 MiB and one pass: what OWASP names first for Argon2id. */
const argon2 = { memoryKiB: 47_104, passes: 1, lanes: 1 } as const;

export type HashAlgorithm = "argon2id" | "bcrypt";

/**
 * The hash of a password, as users of the definition have it.
 *
 * @param cost binary logarithm of bcrypt's rounds
 * @param salt random, 16 bytes
 * @throws RangeError for more than 72 bytes in bcrypt, which would forget the rest
 */
export function makePasswordHash(password: string, algorithm: HashAlgorithm, cost: number, salt: Uint8Array): string {
  if (algorithm === "argon2id") {
    const digest = argon2Digest(password, { ...argon2, salt, digest: new Uint8Array(32) });
    return `$argon2id$v=19$m=${argon2.memoryKiB},t=${argon2.passes},p=${argon2.lanes}$${base64(salt)}$${base64(digest)}`;
  }
  if (Buffer.byteLength(password) > bcryptBytes) throw new RangeError(`bcrypt takes ${bcryptBytes} bytes at most`);
  const rounds = String(cost).padStart(2, "0");
  return hashSync(password, `$2b$${rounds}$${encodeBase64([...salt], salt.length)}`);
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64").replaceAll("=", "");
}
