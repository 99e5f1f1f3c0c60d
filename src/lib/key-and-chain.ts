import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { type PemBlock, pemBlocks, pemBytes } from "./pem-blocks.ts";
import { Pkcs12Error } from "./pkcs12/pkcs12-error.ts";
import { readEncryptedKey, readPkcs12 } from "./pkcs12/read-pkcs12.ts";
import { Unlocking } from "./pkcs12/unlocking.ts";

/** A certificate with those that lead to its authority, and its private key where it is there. */
export interface KeyAndChain {
  /** The certificate itself first, then whoever signed it, as far as they are there. */
  readonly chain: readonly [X509Certificate, ...X509Certificate[]];
  readonly key: KeyObject | null;
}

export type KeyAndChainProblem =
  | "absent"
  | "unreadable"
  /** In a cipher that is not read here. */
  | "algorithm"
  /** The password does not open it. */
  | "password"
  | "key-does-not-fit";

export type KeyAndChainResult = KeyAndChain | { readonly problem: KeyAndChainProblem };

const maxChain = 32;

/**
 * Reads PEM with certificates and perhaps a key, DER of one certificate, or PKCS#12.
 * @param password of the key, or of the PKCS#12 file
 * @param hashes how often what is read may have the password hashed, all in all
 */
export function readKeyAndChain(bytes: Uint8Array, password: string, hashes: number): KeyAndChainResult {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
  if (text.includes("-----BEGIN ")) return readPem(text, text, password, hashes);
  try {
    return ordered([new X509Certificate(bytes)], null);
  } catch {
    return guarded(() => fromPkcs12(bytes, new Unlocking(password, hashes)));
  }
}

/** @param keyText PEM that holds the key; one without a key is as if there were none */
export function readPem(text: string, keyText: string, password: string, hashes: number): KeyAndChainResult {
  const found = pemBlocks(text).filter(({ label }) => label === "CERTIFICATE" || label === "X509 CERTIFICATE");
  if (found.length === 0 || found.length > maxChain) return { problem: found.length === 0 ? "absent" : "unreadable" };
  const key = pemBlocks(keyText).find(({ label }) => label.endsWith("PRIVATE KEY"));
  let certificates: readonly X509Certificate[];
  try {
    certificates = found.map((block) => new X509Certificate(block.text));
  } catch {
    return { problem: "unreadable" };
  }
  return guarded(() => ordered(certificates, key === undefined ? null : readKey(key, new Unlocking(password, hashes))));
}

/** The runtime would hash the password of a PKCS #8 key as often as it says. */
function readKey(block: PemBlock, unlocking: Unlocking): KeyObject {
  if (block.label === "ENCRYPTED PRIVATE KEY") return readEncryptedKey(pemBytes(block), unlocking);
  try {
    return createPrivateKey({ key: block.text, passphrase: unlocking.password ?? "" });
  } catch {
    throw new Pkcs12Error("password");
  }
}

function fromPkcs12(bytes: Uint8Array, unlocking: Unlocking): KeyAndChainResult {
  const { keys, certificates } = readPkcs12(bytes, unlocking);
  if (certificates.length === 0) return { problem: "absent" };
  const key = keys.find((one) => certificates.some((certificate) => certificate.checkPrivateKey(one)));
  return key === undefined && keys.length > 0 ? { problem: "key-does-not-fit" } : ordered(certificates, key ?? null);
}

function guarded(read: () => KeyAndChainResult): KeyAndChainResult {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof Pkcs12Error)) throw error;
    const { problem } = error;
    return { problem: problem === "malformed" || problem === "iterations" ? "unreadable" : problem };
  }
}

/** PKCS#12 has no order, and PEM files are put together by people: the leaf is the one that the key is for. */
function ordered(certificates: readonly X509Certificate[], key: KeyObject | null): KeyAndChainResult {
  const leaf = key === null ? certificates[0] : certificates.find((one) => one.checkPrivateKey(key));
  if (leaf === undefined) return { problem: "key-does-not-fit" };
  const chain: [X509Certificate, ...X509Certificate[]] = [leaf];
  for (let last: X509Certificate | undefined = leaf; last !== undefined;) {
    const before: X509Certificate = last;
    last = certificates.find((one) => !chain.includes(one) && before.checkIssued(one));
    if (last !== undefined) chain.push(last);
  }
  return { chain, key };
}
