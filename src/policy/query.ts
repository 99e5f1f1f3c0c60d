import { expressionFailed } from "./failure.ts";

/** Name of a raw `name=value` pair, decoded as servers do; as it is when it cannot be decoded. */
function nameOf(pair: string): string {
  const equals = pair.indexOf("=");
  const raw = (equals < 0 ? pair : pair.slice(0, equals)).replaceAll("+", " ");
  try {
    return decodeURIComponent(raw);
  } catch {
    return raw;
  }
}

export function hasParameter(query: string, name: string): boolean {
  return query !== "" && query.split("&").some((pair) => nameOf(pair) === name);
}

/** The raw query without the pairs of that name; the others are not touched. */
export function withoutParameter(query: string, name: string): string {
  if (query === "") return query;
  return query
    .split("&")
    .filter((pair) => nameOf(pair) !== name)
    .join("&");
}

/** Names of a raw query, decoded. */
export function parameterNames(query: string): ReadonlySet<string> {
  return new Set(query === "" ? [] : query.split("&").map(nameOf));
}

/** Raw values of all pairs of that name, in order; a pair without `=` has none but its name. */
export function parameterValues(query: string, name: string): readonly string[] {
  return query
    .split("&")
    .filter((pair) => nameOf(pair) === name)
    .map((pair) => pair.slice((pair.indexOf("=") + 1 || pair.length + 1) - 1));
}

/** Percent-encodes all but unreserved characters. @throws GatewayError `expression-failed` on a lone surrogate */
export function encodeComponent(text: string): string {
  try {
    return encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
  } catch {
    throw expressionFailed("a value is not well-formed text");
  }
}
