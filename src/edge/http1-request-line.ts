import type { Refusal } from "#model/decision.ts";
import { isLineEnd } from "#wire/http1-fields.ts";
import { methods } from "./methods.ts";
import { refusals } from "./refusals.ts";

export interface RequestLine {
  readonly method: string;
  /** As sent: visible US-ASCII. */
  readonly target: string;
  /** Minor version: 0 or 1. */
  readonly minor: number;
  /** Characters of the line with its CRLF. */
  readonly length: number;
}

const space = 0x20;
/** Longer than any method with the two blanks that no line may have. */
const looked = 32;
/** What a line may begin with whose end has not come. */
const beginning = /^[A-Z-]*(?: (?:[\x21-\x7e].*)?)?$/s;

/**
 * Reads `method SP target SP HTTP/1.x CRLF` at the start of a latin1 text that holds a whole line. Single spaces, nothing
 * else between the parts: whatever two readers could take apart differently is refused.
 *
 * @see RFC 9112 §3
 */
export function parseRequestLine(text: string): RequestLine | Refusal {
  const methodEnd = text.indexOf(" ");
  const method = text.slice(0, Math.max(0, methodEnd));
  if (!methods.has(method)) return refusals.methodUnknown;
  const targetEnd = endOfTarget(text, methodEnd + 1);
  if (targetEnd === methodEnd + 1) return refusals.requestLine;
  if (isLineEnd(text, targetEnd)) return refusals.version;
  const lineEnd = text.indexOf("\r\n", targetEnd);
  if (text.charCodeAt(targetEnd) !== space) return refusals.requestLine;
  const minor = minorOf(text, targetEnd + 1, lineEnd);
  if (typeof minor !== "number") return minor;
  return { method, target: text.slice(methodEnd + 1, targetEnd), minor, length: lineEnd + 2 };
}

/** What is wrong with a line whose end has not come: told now, since that end perhaps never comes. */
export function judgeBeginning(text: string): Refusal | null {
  const begun = text.slice(0, looked);
  if (beginning.test(begun)) return null;
  return methods.has(begun.slice(0, Math.max(0, begun.indexOf(" ")))) ? refusals.requestLine : refusals.methodUnknown;
}

function minorOf(text: string, from: number, to: number): number | Refusal {
  const version = text.slice(from, to);
  if (version === "HTTP/1.1") return 1;
  if (version === "HTTP/1.0") return 0;
  return /^HTTP\/\d\.\d$/.test(version) ? refusals.version : refusals.requestLine;
}

function endOfTarget(text: string, from: number): number {
  let at = from;
  for (let code = text.charCodeAt(at); code > space && code < 0x7f; code = text.charCodeAt(at)) at += 1;
  return at;
}
