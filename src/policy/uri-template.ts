import { expressionFailed } from "./failure.ts";
import { encodeComponent, parameterValues } from "./query.ts";

export interface Rewritten {
  readonly path: string;
  readonly query: string;
  /** Query parameters of the request that placeholders took their values from. */
  readonly taken: ReadonlySet<string>;
}

/** What a placeholder may stand for. */
export interface Placeholders {
  /** Parameters of the path. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Name of the one whose value is several segments. */
  readonly rest: string | undefined;
  /** Query of the request: API Management's operations name parameters of theirs in the query, too. */
  readonly query: string;
}

/** Characters that may stand in a path segment as they are. @see RFC 3986 §3.3 */
const outsideSegment = /[^A-Za-z0-9\-._~!$&'()*+,;=:@%]/gu;
const outsideQuery = /[^A-Za-z0-9\-._~!$&'()*+,;=:@%/?]/gu;

/**
 * Fills `{name}` placeholders of a path and query. A value fills a part of one segment and nothing more: one that
 * would add a segment or make a dot-segment (`..`, `%2e%2e`, a slash) is refused, or the request would reach a
 * path of the backend that the operation was not defined for.
 * Without a path it is the backend's URL itself, to which no slash is added.
 * @throws GatewayError `expression-failed`
 */
export function expandTemplate(template: string, placeholders: Placeholders): Rewritten {
  if (!/^(?:[/?]|$)/.test(template)) throw expressionFailed("rewrite-uri gave a template that does not start with /");
  if (template.includes("#")) throw expressionFailed("rewrite-uri gave a template with a fragment");
  const taken = new Set<string>();
  const mark = template.indexOf("?");
  const path = fill(mark < 0 ? template : template.slice(0, mark), placeholders, taken).replace(/[^/]+/g, (segment) =>
    checkedSegment(encodeOthers(segment, outsideSegment)),
  );
  // `//host` would be another server's name to some, and an empty segment is one that the template did not mean.
  if (path.includes("//")) throw expressionFailed("rewrite-uri gave a path with an empty segment");
  const query = mark < 0 ? "" : fill(template.slice(mark + 1), { ...placeholders, rest: undefined }, taken);
  return { path, query: encodeOthers(query, outsideQuery), taken };
}

/**
 * A path and a query that are written as they are. The same is refused as of a template.
 * @throws GatewayError `expression-failed`
 */
export function checkedTarget(path: string, query: string): { readonly path: string; readonly query: string } {
  if (!path.startsWith("/")) throw expressionFailed("set-target gave a path that does not start with /");
  const encoded = path.replace(/[^/]+/g, (segment) => checkedSegment(encodeOthers(segment, outsideSegment)));
  if (encoded.includes("//")) throw expressionFailed("set-target gave a path with an empty segment");
  return { path: encoded, query: encodeOthers(query, outsideQuery) };
}

function fill(text: string, { parameters, rest, query }: Placeholders, taken: Set<string>): string {
  return text.replace(/\{\*?([^{}]*)\}/g, (_placeholder, name: string) => {
    const value = Object.hasOwn(parameters, name) ? parameters[name] : undefined;
    if (value !== undefined) return name === rest ? encodeSegments(value) : encodeComponent(value);
    const [sent] = parameterValues(query, name);
    if (sent === undefined) throw expressionFailed(`rewrite-uri: the operation has no parameter ${name}`);
    taken.add(name);
    return encodeComponent(decodeFormValue(sent.replace(/^=/, "")));
  });
}

function encodeSegments(value: string): string {
  return value.split("/").map(encodeComponent).join("/");
}

function encodeOthers(text: string, outside: RegExp): string {
  return text.replace(outside, encodeComponent);
}

function checkedSegment(segment: string): string {
  const decoded = decode(segment);
  if (decoded === "." || decoded === ".." || /[/\\]/.test(decoded) || hasControl(decoded)) {
    throw expressionFailed("rewrite-uri gave a path with a dot-segment or an encoded separator");
  }
  return segment;
}

function hasControl(text: string): boolean {
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code < 0x20 || code === 0x7f) return true;
  }
  return false;
}

function decodeFormValue(raw: string): string {
  try {
    return decodeURIComponent(raw.replaceAll("+", " "));
  } catch {
    throw expressionFailed("a query parameter that rewrite-uri asks for has a malformed percent-encoding");
  }
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw expressionFailed("rewrite-uri gave a path with a malformed percent-encoding");
  }
}
