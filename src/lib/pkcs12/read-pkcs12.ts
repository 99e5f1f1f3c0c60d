import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { BerError, childrenOf, type Element, octetsOf, oidOf, readElement, tags } from "#lib/ber.ts";
import { decrypt } from "./decrypt.ts";
import { Pkcs12Error } from "./pkcs12-error.ts";
import type { Unlocking } from "./unlocking.ts";
import { verifyMac } from "./verify-mac.ts";

const oids = {
  data: "1.2.840.113549.1.7.1",
  encryptedData: "1.2.840.113549.1.7.6",
  keyBag: "1.2.840.113549.1.12.10.1.1",
  shroudedKeyBag: "1.2.840.113549.1.12.10.1.2",
  certificateBag: "1.2.840.113549.1.12.10.1.3",
  nestedBags: "1.2.840.113549.1.12.10.1.6",
  x509: "1.2.840.113549.1.9.22.1",
} as const;

const maxBags = 32;

export interface Pkcs12Contents {
  readonly keys: readonly KeyObject[];
  readonly certificates: readonly X509Certificate[];
}

/**
 * What a PKCS#12 file (.pfx, .p12) holds: keys and certificates, AES, Triple DES or RC2, with its MAC checked where it has
 * one. OpenSSL's own reader gives a TLS context and no key, so it is read here.
 *
 * @throws Pkcs12Error
 * @see RFC 7292
 */
export function readPkcs12(bytes: Uint8Array, unlocking: Unlocking): Pkcs12Contents {
  return withBothEmptyOnes(unlocking, () => readWith(bytes, unlocking));
}

/** A private key in PKCS #8, encrypted. @throws Pkcs12Error */
export function readEncryptedKey(der: Uint8Array, unlocking: Unlocking): KeyObject {
  return withBothEmptyOnes(unlocking, () => shroudedKey(readElement(der), unlocking));
}

function withBothEmptyOnes<T>(unlocking: Unlocking, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof BerError) throw new Pkcs12Error("malformed");
    if (!(error instanceof Pkcs12Error) || error.problem !== "password" || unlocking.password !== "") throw error;
    unlocking.password = null;
    return withBothEmptyOnes(unlocking, read);
  }
}

function readWith(bytes: Uint8Array, unlocking: Unlocking): Pkcs12Contents {
  const [version, authSafe, macData] = childrenOf(expected(readElement(bytes), tags.sequence));
  if (version === undefined || authSafe === undefined) throw new Pkcs12Error("malformed");
  const content = dataOf(authSafe);
  if (macData !== undefined) verifyMac(macData, content, unlocking);
  const found: Found = { keys: [], certificates: [], bags: 0 };
  for (const part of childrenOf(readElement(content))) readBags(safeContents(part, unlocking), unlocking, found);
  return found;
}

interface Found {
  readonly keys: KeyObject[];
  readonly certificates: X509Certificate[];
  bags: number;
}

/** Content of a ContentInfo that is in clear. */
function dataOf(info: Element): Uint8Array {
  const [type, content] = childrenOf(info);
  if (type === undefined || content === undefined || oidOf(type) !== oids.data) throw new Pkcs12Error("malformed");
  return octetsOf(only(content));
}

function safeContents(info: Element, unlocking: Unlocking): Element {
  const [type, content] = childrenOf(info);
  if (type === undefined || content === undefined) throw new Pkcs12Error("malformed");
  if (oidOf(type) !== oids.encryptedData) return readElement(dataOf(info));
  const [, encrypted] = childrenOf(only(content));
  const [, algorithm, text] = encrypted === undefined ? [] : childrenOf(encrypted);
  if (algorithm === undefined || text === undefined) throw new Pkcs12Error("malformed");
  return readElement(decrypt(algorithm, octetsOf(text), unlocking));
}

function readBags(contents: Element, unlocking: Unlocking, found: Found, depth = 0): void {
  for (const bag of childrenOf(contents)) {
    found.bags += 1;
    if (found.bags > maxBags || depth > 4) throw new Pkcs12Error("malformed");
    const [type, wrapped] = childrenOf(bag);
    if (type === undefined || wrapped === undefined) throw new Pkcs12Error("malformed");
    readBag(oidOf(type), only(wrapped), unlocking, found, depth);
  }
}

function readBag(type: string, value: Element, unlocking: Unlocking, found: Found, depth: number): void {
  if (type === oids.keyBag) found.keys.push(keyOf(encode(value)));
  else if (type === oids.shroudedKeyBag) {
    found.keys.push(shroudedKey(value, unlocking));
  } else if (type === oids.certificateBag) {
    const [kind, wrapped] = childrenOf(value);
    if (kind === undefined || wrapped === undefined || oidOf(kind) !== oids.x509) return;
    found.certificates.push(certificateOf(octetsOf(only(wrapped))));
  } else if (type === oids.nestedBags) readBags(value, unlocking, found, depth + 1);
}

function shroudedKey(value: Element, unlocking: Unlocking): KeyObject {
  const [algorithm, encrypted] = childrenOf(value);
  if (algorithm === undefined || encrypted === undefined) throw new Pkcs12Error("malformed");
  return keyOf(decrypt(algorithm, octetsOf(encrypted), unlocking));
}

/** What the library says of a key may quote it. */
function keyOf(der: Uint8Array): KeyObject {
  try {
    return createPrivateKey({ key: Buffer.from(der), format: "der", type: "pkcs8" });
  } catch {
    throw new Pkcs12Error("password");
  }
}

function certificateOf(der: Uint8Array): X509Certificate {
  try {
    return new X509Certificate(Buffer.from(der));
  } catch {
    throw new Pkcs12Error("malformed");
  }
}

/** A sequence as it was, for who takes bytes alone. */
function encode({ content }: Element): Uint8Array {
  const length = content.length;
  return Buffer.concat([Buffer.from([0x30, 0x83, length >> 16, (length >> 8) & 0xff, length & 0xff]), content]);
}

function expected(element: Element, tag: number): Element {
  if (element.tag !== tag) throw new Pkcs12Error("malformed");
  return element;
}

function only(element: Element): Element {
  const [child, ...rest] = childrenOf(element);
  if (child === undefined || rest.length > 0) throw new Pkcs12Error("malformed");
  return child;
}
