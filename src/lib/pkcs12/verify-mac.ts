import { createHmac, timingSafeEqual } from "node:crypto";
import { childrenOf, type Element, integerOf, octetsOf, oidOf } from "#lib/ber.ts";
import { derive, type DigestName, passwordBytes, purposes } from "./derive.ts";
import { Pkcs12Error } from "./pkcs12-error.ts";
import type { Unlocking } from "./unlocking.ts";

const digests: Readonly<Record<string, { readonly name: DigestName; readonly bytes: number }>> = {
  "1.3.14.3.2.26": { name: "sha1", bytes: 20 },
  "2.16.840.1.101.3.4.2.4": { name: "sha224", bytes: 28 },
  "2.16.840.1.101.3.4.2.1": { name: "sha256", bytes: 32 },
  "2.16.840.1.101.3.4.2.2": { name: "sha384", bytes: 48 },
  "2.16.840.1.101.3.4.2.3": { name: "sha512", bytes: 64 },
};

/** @see RFC 7292 §4 @throws Pkcs12Error `password` when it does not fit, `algorithm` for PBMAC1 (RFC 9579) */
export function verifyMac(macData: Element, content: Uint8Array, unlocking: Unlocking): void {
  const [digestInfo, salt, count] = childrenOf(macData);
  const [algorithm, expected] = digestInfo === undefined ? [] : childrenOf(digestInfo);
  if (algorithm === undefined || expected === undefined || salt === undefined) throw new Pkcs12Error("malformed");
  const [name] = childrenOf(algorithm);
  const digest = name === undefined ? undefined : digests[oidOf(name)];
  if (digest === undefined) throw new Pkcs12Error("algorithm");
  const iterations = count === undefined ? 1 : integerOf(count);
  unlocking.spend(iterations);
  const password = passwordBytes(unlocking.password);
  const key = derive(digest.name, purposes.mac, password, octetsOf(salt), iterations, digest.bytes);
  const found = createHmac(digest.name, key).update(content).digest();
  const wanted = octetsOf(expected);
  if (found.length !== wanted.length || !timingSafeEqual(found, wanted)) throw new Pkcs12Error("password");
}
