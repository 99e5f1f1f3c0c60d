import type { Refusal } from "#model/decision.ts";
import { chunkedBody } from "#wire/http1-framing.ts";
import { type HeaderScan, parseLength } from "./header-scan.ts";
import { refusals } from "./refusals.ts";

const chunkedTwice = /\bchunked[\t ]*,[^]*\bchunked\b/;

/**
 * The body of a request: bytes (0: there is none), or {@link chunkedBody}. One framing, in one spelling: whatever an
 * upstream could read as another length is how requests are smuggled.
 *
 * @see RFC 9112 §6
 */
export function framingOf(scan: HeaderScan, minor: number): number | Refusal {
  if (scan.codings > 0) return codingOf(scan, minor);
  if (scan.lengths === 0) return 0;
  const length = scan.lengths > 1 ? -1 : parseLength(scan.contentLength);
  return length < 0 ? refusals.length : length;
}

function codingOf(scan: HeaderScan, minor: number): number | Refusal {
  const coding = scan.transferEncoding.toLowerCase();
  if (minor === 0) return refusals.codingOn10;
  if (scan.lengths > 0) return refusals.bothLengths;
  if (chunkedTwice.test(coding)) return refusals.codingRepeated;
  return scan.codings > 1 || coding !== "chunked" ? refusals.coding : chunkedBody;
}
