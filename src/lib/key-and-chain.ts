import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { Pkcs12Error } from "./pkcs12/pkcs12-error.ts";
import { readPkcs12 } from "./pkcs12/read-pkcs12.ts";

/** A certificate with those that lead to its authority, and its private key where it is there. */
export interface KeyAndChain {
  /** The certificate itself first, then whoever signed it, as far as they are there. */
  readonly chain: readonly [X509Certificate, ...X509Certificate[]];
  readonly key: KeyObject | null;
}

export type KeyAndChainProblem =
  | "absent"
  | "unreadable"
  /** PKCS#12 in a cipher that is not read here. */
  | "algorithm"
  /** The password does not open it. */
  | "password"
  | "key-does-not-fit";

export type KeyAndChainResult = KeyAndChain | { readonly problem: KeyAndChainProblem };

const pemCertificate =
  /-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----[\s\S]+?-----END (?:TRUSTED |X509 )?CERTIFICATE-----/g;
const pemKey = /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----[\s\S]+?-----END (?:[A-Z]+ )*PRIVATE KEY-----/;
const maxChain = 32;

/**
 * Reads PEM with certificates and perhaps a key, DER of one certificate, or PKCS#12.
 * @param password of the key, or of the PKCS#12 file
 * @param maxIterations how often a PKCS#12 file may have the password hashed
 */
export function readKeyAndChain(bytes: Uint8Array, password: string, maxIterations: number): KeyAndChainResult {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
  if (text.includes("-----BEGIN ")) return readPem(text, text, password);
  try {
    return ordered([new X509Certificate(bytes)], null);
  } catch {
    return fromPkcs12(bytes, password, maxIterations);
  }
}

/** @param keyText PEM that holds the key; one without a key is as if there were none */
export function readPem(text: string, keyText: string, password: string): KeyAndChainResult {
  const found = text.match(pemCertificate) ?? [];
  if (found.length === 0 || found.length > maxChain) return { problem: found.length === 0 ? "absent" : "unreadable" };
  const keyPem = pemKey.exec(keyText)?.[0];
  let certificates: readonly X509Certificate[];
  try {
    certificates = found.map((pem) => new X509Certificate(pem));
  } catch {
    return { problem: "unreadable" };
  }
  if (keyPem === undefined) return ordered(certificates, null);
  try {
    return ordered(certificates, createPrivateKey({ key: keyPem, passphrase: password }));
  } catch {
    return { problem: "password" };
  }
}

function fromPkcs12(bytes: Uint8Array, password: string, maxIterations: number): KeyAndChainResult {
  try {
    const { keys, certificates } = readPkcs12(bytes, password, maxIterations);
    const key = keys.find((one) => certificates.some((certificate) => certificate.checkPrivateKey(one)));
    if (certificates.length === 0) return { problem: "absent" };
    return key === undefined && keys.length > 0 ? { problem: "key-does-not-fit" } : ordered(certificates, key ?? null);
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
