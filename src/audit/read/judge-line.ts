import type { Buffer } from "node:buffer";
import { type ChainState, type Link, readLink } from "#audit/chain.ts";

export type VerifyProblem =
  /** No chained record at all. */
  | "malformed"
  /** Its bytes are not those that its hash was made of. */
  | "changed"
  /** It is whole, but one or more records in front of it are gone or stand elsewhere. */
  | "record-missing"
  /** It is whole, but it belongs earlier, or stands here a second time. */
  | "out-of-order"
  /** It is whole and has the right number, but follows another record than the one in front of it. */
  | "chain-broken"
  | "segment-missing";

export interface BadRecord {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** Number of the record that should stand here. */
  readonly seq: number;
  readonly problem: VerifyProblem;
  readonly detail: string;
}

/** Says what is wrong with a line that does not follow `state`. */
export function judge(
  state: ChainState,
  bytes: Buffer,
  start: number,
  end: number,
): { readonly problem: VerifyProblem; readonly detail: string } {
  const link = readLink(bytes, start, end);
  if (link === undefined || !isJson(bytes, start, end)) {
    return { problem: "malformed", detail: "the line is not a chained record" };
  }
  if (!link.intact) return { problem: "changed", detail: "the line's bytes do not match its hash" };
  return judgePlace(state.seq + 1, link);
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
