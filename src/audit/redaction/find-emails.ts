import type { Span } from "./find-card-numbers.ts";

/** RFC 5321 §4.5.3.1 */
const longestLocal = 64;
const longestDomain = 255;

/**
 * E-mail addresses, also with the `@` percent-encoded. Bounded work for each `@`. What no mail server would take is left
 * alone: a domain has a dot, and letters behind the last one.
 */
export function findEmails(text: string): readonly Span[] {
  const spans: Span[] = [];
  let free = 0;
  // Each form is looked for once over the text: one of them may be far away while the other is everywhere.
  let plain = text.indexOf("@");
  let encoded = text.indexOf("%40");
  while (plain >= 0 || encoded >= 0) {
    const at = plain < 0 || (encoded >= 0 && encoded < plain) ? encoded : plain;
    if (at === plain) plain = text.indexOf("@", at + 1);
    else encoded = text.indexOf("%40", at + 1);
    if (at < free) continue;
    const domainFrom = at + (text.charAt(at) === "@" ? 1 : 3);
    const from = localStart(text, at, free);
    const to = domainEnd(text, domainFrom);
    if (from === at || to < 0) continue;
    spans.push([from, to]);
    free = to;
  }
  return spans;
}

function localStart(text: string, end: number, least: number): number {
  let at = end;
  while (at > least && end - at < longestLocal && isLocal(text.charCodeAt(at - 1))) at -= 1;
  return at;
}

/** Behind the last label that is a top-level domain; -1: there is none. */
function domainEnd(text: string, from: number): number {
  let at = from;
  while (at < text.length && at - from < longestDomain && isDomain(text.charCodeAt(at))) at += 1;
  while (at > from && !isLetter(text.charCodeAt(at - 1))) at -= 1;
  let dot = at - 1;
  while (dot > from && text.charCodeAt(dot) !== 0x2e) dot -= 1;
  return dot > from && at - dot > 2 ? at : -1;
}

function isLetter(code: number): boolean {
  const lower = code | 0x20;
  return (lower >= 0x61 && lower <= 0x7a) || code > 0x7f;
}

function isDomain(code: number): boolean {
  return isLetter(code) || (code >= 0x30 && code <= 0x39) || code === 0x2d || code === 0x2e;
}

/** Those of RFC 5322's atoms that people use, and `%` for encoded ones. */
function isLocal(code: number): boolean {
  return isDomain(code) || code === 0x2b || code === 0x5f || code === 0x25 || code === 0x27 || code === 0x23;
}
