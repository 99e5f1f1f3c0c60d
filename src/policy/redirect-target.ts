import type { Expression, Value } from "#model/policy-tree.ts";
import type { Clock } from "#model/ports.ts";
import { expressionFailed } from "./failure.ts";
import { toText } from "./to-text.ts";
import { type Evaluate, evaluateTemplate } from "./values.ts";

/** Characters that may stand in a URL as they are; of a computed part, `?` and `#` start nothing either. RFC 3986 */
const outsideUrl = /%(?![0-9A-Fa-f]{2})|[^A-Za-z0-9\-._~!$&'()*+,;=:@%/?#[\]]/gu;
const outsidePath = /%(?![0-9A-Fa-f]{2})|[^A-Za-z0-9\-._~!$&'()*+,;=:@%/]/gu;
const outsideQuery = /%(?![0-9A-Fa-f]{2})|[^A-Za-z0-9\-._~!$&'()*+,;=:@%/?]/gu;

const here = "https://redirect.invalid";

/**
 * Where a redirect leads. The written text alone says which host: whatever a computed part holds, the result is read
 * as a browser reads it, and one that has another host is refused (open redirect). Line ends and other characters
 * that no URL has are percent-encoded (response splitting).
 *
 * @throws GatewayError `expression-failed`
 */
export function evaluateTarget(value: Value, clock: Clock): Evaluate<string> {
  const parts = partsOf(value);
  const origin = originOf(parts, clock);
  const pieces = parts.map((part, index) => evaluatePiece(parts, part, index, clock));
  return (exchange) => {
    const expected = origin(exchange);
    let text = "";
    for (const piece of pieces) text = join(text, piece(exchange), expected);
    return checked(text, expected);
  };
}

function partsOf(value: Value): readonly (string | Expression)[] {
  if (value.kind === "template") return value.parts;
  return value.kind === "expression" ? [value.expression] : [String(value.value)];
}

/** `https://host[:port]` as it is written, or "" for a path on this host. */
function originOf(parts: readonly (string | Expression)[], clock: Clock): Evaluate<string> {
  const [first] = parts;
  if (typeof first !== "string" || !/^https?:\/\//i.test(first)) return () => "";
  const authority: (string | Expression)[] = [];
  for (const part of parts) {
    if (typeof part !== "string" && part.source.trim() !== "request.host") break;
    const end = typeof part === "string" ? endOfAuthority(part, authority.length === 0) : -1;
    authority.push(typeof part === "string" && end >= 0 ? part.slice(0, end) : part);
    if (end >= 0) break;
  }
  return evaluateTemplate(authority, clock, (host) => bracketed(toText(host)));
}

function endOfAuthority(text: string, withScheme: boolean): number {
  const from = withScheme ? text.indexOf("//") + 2 : 0;
  const at = text.slice(from).search(/[/?#]/);
  return at < 0 ? -1 : from + at;
}

function evaluatePiece(
  parts: readonly (string | Expression)[],
  part: string | Expression,
  index: number,
  clock: Clock,
): Evaluate<string> {
  if (typeof part === "string") {
    const text = part.replace(outsideUrl, encode);
    return () => text;
  }
  // A whole target from one expression is a URL of its own: its query is one.
  if (parts.length === 1) return evaluateTemplate([part], clock, (value) => toText(value).replace(outsideUrl, encode));
  const inQuery = parts.slice(0, index).some((before) => typeof before === "string" && before.includes("?"));
  const isHost = part.source.trim() === "request.host";
  return evaluateTemplate([part], clock, (value) => {
    const text = toText(value);
    return isHost ? bracketed(text) : text.replace(inQuery ? outsideQuery : outsidePath, encode);
  });
}

/** The host of the request has lost its brackets. */
function bracketed(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}

/** `https://example.com` and a computed `.evil.example` are two hosts away from each other: a slash parts them. */
function join(text: string, piece: string, origin: string): string {
  return origin !== "" && text === origin && !/^(?:$|[/?#])/.test(piece) ? `${text}/${piece}` : text + piece;
}

function checked(text: string, origin: string): string {
  const target = origin === "" ? text.replace(/^\/+/, "/") : text;
  if (origin === "" && !target.startsWith("/")) throw expressionFailed("redirect: a computed target is a path: /…");
  const expected = URL.parse(origin === "" ? here : origin);
  const found = URL.parse(target, here);
  if (expected === null || found === null || found.host !== expected.host || found.protocol !== expected.protocol) {
    throw expressionFailed("redirect: a computed part would choose another host");
  }
  if (found.username !== "" || found.password !== "") throw expressionFailed("redirect: the target names a user");
  return target;
}

/** Percent-encodes one character. A lone surrogate has no encoding. */
function encode(character: string): string {
  if (!character.isWellFormed()) throw expressionFailed("redirect: a value is not well-formed text");
  return encodeURIComponent(character);
}
