import type { Buffer } from "node:buffer";
import { childrenOf, contentOf, type Element, elementAt, expect, integer, oidOf, sequence } from "./revocation/der.ts";

/** What an RSA-PSS signature was made with. */
export interface PssParameters {
  /** Of the data, and of the mask. */
  readonly hash: string;
  /** Bytes. */
  readonly saltLength: number;
}

const maskGeneration1 = "1.2.840.113549.1.1.8";
const hashes: Readonly<Record<string, string>> = {
  "2.16.840.1.101.3.4.2.1": "sha256",
  "2.16.840.1.101.3.4.2.2": "sha384",
  "2.16.840.1.101.3.4.2.3": "sha512",
};
const hashTag = 0xa0;
const maskTag = 0xa1;
const saltTag = 0xa2;
const trailerTag = 0xa3;
const tags: ReadonlySet<number> = new Set([hashTag, maskTag, saltTag, trailerTag]);
const usualSaltLength = 20;
/** A key of 16,384 bits has no room for more than two thousand bytes. */
const mostSaltBytes = 2048;

/**
 * What is left out is SHA-1, which is not believed; so both hashes must be named, and be the same.
 *
 * @param der of RSASSA-PSS-params
 * @throws Error for what is malformed, or not believed
 * @see RFC 4055 §3.1
 */
export function readPssParameters(der: Buffer): PssParameters {
  const whole = expect(elementAt(der, 0, der.length), sequence);
  const fields = childrenOf(der, whole);
  const areInOrder = fields.every(({ tag }, at) => tags.has(tag) && tag > (fields[at - 1]?.tag ?? 0));
  if (whole.end !== der.length || !areInOrder) throw new Error("its RSA-PSS parameters are malformed");
  const field = (wanted: number): Element | undefined => fields.find(({ tag }) => tag === wanted);
  const hash = hashIn(der, field(hashTag));
  if (maskHashOf(der, field(maskTag)) !== hash) throw new Error("its RSA-PSS mask is of another hash than its data");
  if (numberIn(der, field(trailerTag), 1) !== 1) throw new Error("its RSA-PSS trailer is not known");
  const saltLength = numberIn(der, field(saltTag), usualSaltLength);
  if (saltLength > mostSaltBytes) throw new Error("its RSA-PSS salt is too long");
  return { hash, saltLength };
}

function hashIn(der: Buffer, wrapper: Element | undefined): string {
  return hashOf(der, wrapper && childrenOf(der, wrapper)[0]);
}

function maskHashOf(der: Buffer, wrapper: Element | undefined): string {
  const [id, hash] = wrapper === undefined ? [] : childrenOf(der, sequenceIn(der, wrapper));
  if (id !== undefined && oidOf(der, id) !== maskGeneration1) throw new Error("its RSA-PSS mask is not known");
  return hashOf(der, hash);
}

/** @param algorithm its identifier, a sequence; undefined: SHA-1 */
function hashOf(der: Buffer, algorithm: Element | undefined): string {
  const id = algorithm === undefined ? "" : oidOf(der, childrenOf(der, expect(algorithm, sequence))[0]);
  const hash = Object.hasOwn(hashes, id) ? hashes[id] : undefined;
  if (hash === undefined) throw new Error("it is signed by RSA-PSS with a hash that is not believed");
  return hash;
}

function numberIn(der: Buffer, wrapper: Element | undefined, otherwise: number): number {
  if (wrapper === undefined) return otherwise;
  const bytes = contentOf(der, expect(childrenOf(der, wrapper)[0], integer));
  if (bytes.length === 0 || bytes.length > 4) throw new Error("its RSA-PSS parameters are malformed");
  const value = bytes.readIntBE(0, bytes.length);
  if (value < 0) throw new Error("its RSA-PSS parameters are malformed");
  return value;
}

function sequenceIn(der: Buffer, wrapper: Element): Element {
  return expect(childrenOf(der, wrapper)[0], sequence);
}
