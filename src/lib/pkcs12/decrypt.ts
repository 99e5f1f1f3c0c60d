import { createDecipheriv, pbkdf2Sync } from "node:crypto";
import { childrenOf, type Element, integerOf, octetsOf, oidOf, tags } from "#lib/ber.ts";
import { derive, type DigestName, passwordBytes, purposes } from "./derive.ts";
import { Pkcs12Error } from "./pkcs12-error.ts";
import { decryptRc2 } from "./rc2.ts";
import type { Unlocking } from "./unlocking.ts";

const pbes2 = "1.2.840.113549.1.5.13";
const pbkdf2 = "1.2.840.113549.1.5.12";

/** Of PKCS#12 itself, by SHA-1. Windows and OpenSSL 1 write certificates in RC2 beside keys in Triple DES. */
const own: Readonly<Record<string, { readonly cipher: "des" | "rc2"; readonly keyBytes: number }>> = {
  "1.2.840.113549.1.12.1.3": { cipher: "des", keyBytes: 24 },
  "1.2.840.113549.1.12.1.4": { cipher: "des", keyBytes: 16 },
  "1.2.840.113549.1.12.1.5": { cipher: "rc2", keyBytes: 16 },
  "1.2.840.113549.1.12.1.6": { cipher: "rc2", keyBytes: 5 },
};

const hmacs: Readonly<Record<string, DigestName>> = {
  "1.2.840.113549.2.7": "sha1",
  "1.2.840.113549.2.8": "sha224",
  "1.2.840.113549.2.9": "sha256",
  "1.2.840.113549.2.10": "sha384",
  "1.2.840.113549.2.11": "sha512",
};

const ciphers: Readonly<Record<string, { readonly name: string; readonly keyBytes: number }>> = {
  "1.2.840.113549.3.7": { name: "des-ede3-cbc", keyBytes: 24 },
  "2.16.840.1.101.3.4.1.2": { name: "aes-128-cbc", keyBytes: 16 },
  "2.16.840.1.101.3.4.1.22": { name: "aes-192-cbc", keyBytes: 24 },
  "2.16.840.1.101.3.4.1.42": { name: "aes-256-cbc", keyBytes: 32 },
};

/** @throws Pkcs12Error, BerError */
export function decrypt(algorithm: Element, encrypted: Uint8Array, unlocking: Unlocking): Uint8Array {
  const [name, parameters] = childrenOf(algorithm);
  const oid = name === undefined ? "" : oidOf(name);
  if (parameters === undefined) throw new Pkcs12Error("algorithm");
  const scheme = own[oid];
  if (scheme !== undefined) return byOwnScheme(scheme, parameters, encrypted, unlocking);
  if (oid === pbes2) return byPbes2(parameters, encrypted, unlocking);
  throw new Pkcs12Error("algorithm");
}

/** @see RFC 7292 appendix C */
function byOwnScheme(
  { cipher, keyBytes }: (typeof own)[string],
  parameters: Element,
  encrypted: Uint8Array,
  unlocking: Unlocking,
): Uint8Array {
  const [salt, count] = childrenOf(parameters);
  if (salt === undefined) throw new Pkcs12Error("malformed");
  const iterations = count === undefined ? 1 : integerOf(count);
  // One or two rounds for the key, one for the vector.
  unlocking.spend(iterations * 3);
  const password = passwordBytes(unlocking.password);
  const of = (purpose: number, length: number): Uint8Array =>
    derive("sha1", purpose, password, octetsOf(salt), iterations, length);
  const key = of(purposes.key, keyBytes);
  if (cipher === "rc2") return decryptRc2(key, of(purposes.iv, 8), encrypted);
  // With two keys the first one serves again as the third.
  const whole = keyBytes === 24 ? key : Buffer.concat([key, key.subarray(0, 8)]);
  return decipher("des-ede3-cbc", whole, of(purposes.iv, 8), encrypted);
}

/** @see RFC 8018 §6.2 */
function byPbes2(parameters: Element, encrypted: Uint8Array, unlocking: Unlocking): Uint8Array {
  const [derivation, scheme] = childrenOf(parameters).map(childrenOf);
  const [kdf, kdfParameters] = derivation ?? [];
  const [cipherName, iv] = scheme ?? [];
  if (kdf === undefined || kdfParameters === undefined || oidOf(kdf) !== pbkdf2) throw new Pkcs12Error("algorithm");
  const cipher = cipherName === undefined ? undefined : ciphers[oidOf(cipherName)];
  if (cipher === undefined || iv === undefined) throw new Pkcs12Error("algorithm");
  const key = byPbkdf2(kdfParameters, cipher.keyBytes, unlocking);
  return decipher(cipher.name, key, octetsOf(iv), encrypted);
}

/** @see RFC 8018 §5.2 */
function byPbkdf2(parameters: Element, keyBytes: number, unlocking: Unlocking): Uint8Array {
  const [salt, count, ...rest] = childrenOf(parameters);
  if (salt === undefined || salt.tag !== tags.octetString) throw new Pkcs12Error("malformed");
  const prf = rest.find(({ tag }) => tag === tags.sequence);
  const [hmac] = prf === undefined ? [] : childrenOf(prf);
  const digest = hmac === undefined ? "sha1" : hmacs[oidOf(hmac)];
  if (digest === undefined) throw new Pkcs12Error("algorithm");
  if (count === undefined) throw new Pkcs12Error("malformed");
  const iterations = integerOf(count);
  unlocking.spend(iterations);
  return pbkdf2Sync(unlocking.password ?? "", octetsOf(salt), iterations, keyBytes, digest);
}

function decipher(name: string, key: Uint8Array, iv: Uint8Array, encrypted: Uint8Array): Uint8Array {
  try {
    const opened = createDecipheriv(name, key, iv);
    return Buffer.concat([opened.update(encrypted), opened.final()]);
  } catch {
    throw new Pkcs12Error("password");
  }
}
