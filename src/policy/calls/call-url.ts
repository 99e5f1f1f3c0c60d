import type { Expression, Value } from "#model/policy-tree.ts";
import type { Clock } from "#model/ports.ts";
import { expressionFailed } from "#policy/failure.ts";
import { toText } from "#policy/to-text.ts";
import { type Evaluate, evaluateString, evaluateTemplate } from "#policy/values.ts";

export interface CallUrl {
  readonly url: string;
  readonly declared: boolean;
}

/** Characters that a computed part cannot bring in as they are. In a path `?` and `#` would begin something else. */
const outsidePath = /%(?![0-9A-Fa-f]{2})|[^A-Za-z0-9\-._~!$&'()*+,;=:@%/]/gu;
const outsideQuery = /%(?![0-9A-Fa-f]{2})|[^A-Za-z0-9\-._~!$&'()*+,;=:@%/?]/gu;

/**
 * The URL of a call. Where the origin is written out (`https://rates.example.com/${…}`) it is the definition that says
 * who is called, whatever the rest is; a URL from one expression may be anybody's, so egress control decides about it.
 * @throws GatewayError `expression-failed` for what is no URL, names a user, or leaves the written origin or path
 */
export function evaluateCallUrl(value: Value, clock: Clock): Evaluate<CallUrl> {
  if (value.kind === "literal") {
    const url = { url: checked(String(value.value)).href, declared: true };
    return () => url;
  }
  const origin = value.kind === "template" ? writtenOrigin(value.parts) : undefined;
  if (value.kind === "expression" || origin === undefined) {
    const evaluate = evaluateString(value, clock);
    return (exchange) => ({ url: checked(evaluate(exchange)).href, declared: false });
  }
  return templated(value.parts, origin, clock);
}

function templated(parts: readonly (string | Expression)[], origin: string, clock: Clock): Evaluate<CallUrl> {
  const pieces = parts.map((part, index) => {
    if (typeof part === "string") return part;
    const inQuery = parts.slice(0, index).some((before) => typeof before === "string" && before.includes("?"));
    const outside = inQuery ? outsideQuery : outsidePath;
    return evaluateTemplate([part], clock, (result) => toText(result).replace(outside, encode));
  });
  return (exchange) => {
    let text = "";
    for (const piece of pieces) text += typeof piece === "string" ? piece : piece(exchange);
    const url = checked(noDotSegments(text));
    if (url.origin !== origin) throw expressionFailed("set-url: a computed part would choose another host");
    return { url: url.href, declared: true };
  };
}

/** Complete in the first part: `https://host/…`, so that nothing computed can lengthen the host. */
function writtenOrigin([first]: readonly (string | Expression)[]): string | undefined {
  if (typeof first !== "string" || !/^https?:\/\/[^/?#]+[/?]/i.test(first)) return undefined;
  const url = URL.parse(first);
  return url === null || url.username !== "" || url.password !== "" ? undefined : url.origin;
}

/** `..` of a client must not reach another path of the service than the one that was meant. */
function noDotSegments(text: string): string {
  if (/^[^?#]*\/(\.|%2e){1,2}(?=[/?#]|$)/i.test(text)) throw expressionFailed("set-url: the path has a dot-segment");
  return text;
}

function checked(text: string): URL {
  const url = URL.parse(text);
  const known = url !== null && (url.protocol === "https:" || url.protocol === "http:");
  if (url === null || !known || url.username !== "" || url.password !== "") {
    throw expressionFailed("set-url gave no absolute http or https URL without user");
  }
  return url;
}

/** A lone surrogate has no encoding. */
function encode(character: string): string {
  if (!character.isWellFormed()) throw expressionFailed("set-url: a value is not well-formed text");
  return encodeURIComponent(character);
}
