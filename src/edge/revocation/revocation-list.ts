import { Buffer } from "node:buffer";
import type { SignatureAlgorithm } from "#edge/signature-algorithms.ts";
import type { Steps } from "#lib/slices.ts";
import {
  bitString,
  boolean,
  childrenOf,
  contentOf,
  type Element,
  elementAt,
  expect,
  integer,
  isTime,
  octetString,
  oidOf,
  sequence,
  timeOf,
  wholeOf,
} from "./der.ts";
import { everybody, type ListScope, scopeOf } from "./list-scope.ts";

/** A revocation list, unverified: where its parts are. Times are milliseconds since the epoch. */
export interface RevocationList {
  readonly der: Buffer;
  /** Encoded name. */
  readonly issuer: Buffer;
  readonly thisUpdate: number;
  readonly nextUpdate: number;
  readonly scope: ListScope;
  /** What is signed. */
  readonly signed: Buffer;
  readonly algorithm: SignatureAlgorithm;
  readonly signature: Buffer;
  /** Null: nothing is revoked. */
  readonly entries: Element | null;
}

export interface RevokedEntry {
  readonly at: number;
}

const explicitExtensions = 0xa0;
const deltaIndicator = "2.5.29.27";
const issuingPoint = "2.5.29.28";
/** Key identifier, number, freshest list: they change nothing in what a list means. */
const harmless = new Set(["2.5.29.35", "2.5.29.20", "2.5.29.46"]);

/** @throws Error that says what is wrong @see RFC 5280 §5.1 */
export function parseRevocationList(der: Buffer): RevocationList {
  const whole = expect(elementAt(der, 0, der.length), sequence);
  if (whole.end !== der.length) throw new Error("there is more behind the list");
  const [tbs, outer, signature] = childrenOf(der, whole);
  const signed = expect(tbs, sequence);
  const fields = childrenOf(der, signed);
  const from = fields[0]?.tag === integer ? 1 : 0;
  const [inner, issuer, thisUpdate, ...rest] = fields.slice(from);
  if (!isTime(thisUpdate)) throw new Error("the list does not say since when it holds");
  if (!isTime(rest[0])) throw new Error("the list does not say until when it holds");
  const entries = rest.find(({ tag }) => tag === sequence) ?? null;
  const extensions = rest.find(({ tag }) => tag === explicitExtensions);
  const algorithm = expect(outer, sequence);
  if (!wholeOf(der, algorithm).equals(wholeOf(der, expect(inner, sequence)))) {
    throw new Error("the list names two signature algorithms");
  }
  return {
    der,
    issuer: wholeOf(der, expect(issuer, sequence)),
    thisUpdate: timeOf(der, thisUpdate),
    nextUpdate: timeOf(der, rest[0]),
    scope: extensions === undefined ? everybody : readExtensions(der, extensions),
    signed: wholeOf(der, signed),
    algorithm: algorithmIn(der, algorithm),
    // Its first byte counts the unused bits.
    signature: contentOf(der, expect(signature, bitString)).subarray(1),
    entries,
  };
}

function algorithmIn(der: Buffer, element: Element): SignatureAlgorithm {
  const [id, parameters] = childrenOf(der, element);
  return { id: oidOf(der, id), parameters: parameters === undefined ? null : wholeOf(der, parameters) };
}

function readExtensions(der: Buffer, wrapper: Element): ListScope {
  let scope = everybody;
  for (const extension of childrenOf(der, expect(childrenOf(der, wrapper)[0], sequence))) {
    const parts = childrenOf(der, extension);
    const id = oidOf(der, parts[0]);
    const critical = parts[1]?.tag === boolean && der[parts[1].at] !== 0;
    if (id === deltaIndicator) throw new Error("the list holds changes only");
    if (id === issuingPoint) scope = scopeOf(der, expect(parts.at(-1), octetString));
    else if (critical && !harmless.has(id)) throw new Error("the list has a critical extension that is not known");
  }
  return scope;
}

/** Whether the list has a certificate; null: it has not. @param serial hex @throws Error for a list that is damaged */
export function* findEntry({ der, entries }: RevocationList, serial: string): Steps<RevokedEntry | null> {
  if (entries === null) return null;
  const wanted = Buffer.from(serial.length % 2 === 0 ? serial : `0${serial}`, "hex");
  const bare = withoutZeros(wanted, 0, wanted.length);
  let count = 0;
  for (let next = entries.at; next < entries.end;) {
    const entry = expect(elementAt(der, next, entries.end), sequence);
    const number = expect(elementAt(der, entry.at, entry.end), integer);
    if (isSame(der, number, wanted, bare)) return { at: timeOf(der, elementAt(der, number.end, entry.end)) };
    next = entry.end;
    if ((count += 1) % 256 === 0) yield;
  }
  return null;
}

function isSame(der: Buffer, { at, end }: Element, wanted: Buffer, bare: number): boolean {
  const from = withoutZeros(der, at, end);
  return end - from === wanted.length - bare && der.compare(wanted, bare, wanted.length, from, end) === 0;
}

function withoutZeros(bytes: Buffer, at: number, end: number): number {
  let from = at;
  while (from < end && bytes[from] === 0) from += 1;
  return from;
}
