import type { Buffer } from "node:buffer";
import { type Link, readLink } from "#audit/chain.ts";
import { isOlderForm, olderFormFix, readHeader } from "#audit/segment-header.ts";

/** What `verify` may find, told in docs/howto/audit.md. */
export const verifyProblems = [
  /** No chained record at all. */
  "malformed",
  /** Its bytes are not those that its hash was made of. */
  "changed",
  /** It is whole, but one or more records in front of it are gone or stand elsewhere. */
  "record-missing",
  /** It is whole, but it belongs earlier, or stands here a second time. */
  "out-of-order",
  /** It is whole and has the right number, but follows another record than the one in front of it. */
  "chain-broken",
  "segment-missing",
  /** A compressed segment, or a part of it, is not as it was written: what it holds from this record on cannot be read. */
  "segment-damaged",
  /** A compressed segment would take more room than it says: it was made so, and is not expanded. */
  "segment-oversized",
  /** It refers to what no line in front of it says, or says of itself that it stands elsewhere. */
  "reference-broken",
  /** It says what the lines in front of it are, and they are not: some were written anew. */
  "tree-broken",
  /** A checkpoint that the log's key has not signed. */
  "signature-bad",
  /** What lies beside the record as a witness's signature is none. */
  "cosignature-bad",
  /** The log has a key, and what has to be signed in front of this line is not. */
  "unsigned",
  /** The record is shorter than a checkpoint that was kept elsewhere says. */
  "truncated",
  /** It is another record than the one that a checkpoint kept elsewhere speaks of. */
  "rewritten",
  /** Written by a version that chained lines in another way. */
  "older-form",
] as const;

export type VerifyProblem = (typeof verifyProblems)[number];

export interface BadRecord {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** Number of the record that should stand here. */
  readonly seq: number;
  readonly problem: VerifyProblem;
  readonly detail: string;
}

/** Says what is wrong with a line that is not the one that should stand there, number `seq`. */
export function judge(
  seq: number,
  bytes: Buffer,
  start: number,
  end: number,
): { readonly problem: VerifyProblem; readonly detail: string } {
  if (isOlderHeader(bytes, start, end)) return { problem: "older-form", detail: olderFormFix };
  const link = readLink(bytes, start, end);
  if (link === undefined || !isJson(bytes, start, end)) {
    return { problem: "malformed", detail: "the line is not a chained record" };
  }
  if (!link.intact) return { problem: "changed", detail: "the line's bytes do not match its hash" };
  return judgePlace(seq, link);
}

function isOlderHeader(bytes: Buffer, start: number, end: number): boolean {
  const header = readHeader(bytes.toString("utf8", start, end));
  return header !== undefined && isOlderForm(header);
}

function judgePlace(seq: number, link: Link): { readonly problem: VerifyProblem; readonly detail: string } {
  if (link.seq > seq) {
    const missing = link.seq - 1 === seq ? `record ${seq} is` : `records ${seq} to ${link.seq - 1} are`;
    return { problem: "record-missing", detail: `${missing} not here: record ${link.seq} follows` };
  }
  if (link.seq < seq) return { problem: "out-of-order", detail: `record ${link.seq} stands where ${seq} belongs` };
  return { problem: "chain-broken", detail: `record ${seq} does not follow the record in front of it` };
}

function isJson(bytes: Buffer, start: number, end: number): boolean {
  try {
    JSON.parse(bytes.toString("utf8", start, end));
    return true;
  } catch {
    return false;
  }
}
