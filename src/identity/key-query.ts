/**
 * Values that a query gives for the parameter, decoded. Names are compared decoded and without regard to case, so that
 * {@link stripKeyFromQuery} removes exactly what this finds.
 */
export function keysInQuery(query: string, name: string): readonly string[] {
  if (query === "") return none;
  const lowerName = name.toLowerCase();
  const found: string[] = [];
  for (const part of query.split("&")) if (isNamed(part, lowerName)) found.push(decode(part.slice(equals(part) + 1)));
  return found;
}

/** The query without the parameter: the upstream, its logs and its Referer must not see the key. */
export function stripKeyFromQuery(query: string, name: string): string {
  if (query === "") return query;
  const lowerName = name.toLowerCase();
  return query
    .split("&")
    .filter((part) => !isNamed(part, lowerName))
    .join("&");
}

/** For records and logs: the parameter stays visible, its value does not. */
export function redactKeyFromQuery(query: string, name: string): string {
  if (query === "") return query;
  const lowerName = name.toLowerCase();
  return query
    .split("&")
    .map((part) => (isNamed(part, lowerName) ? `${part.slice(0, equals(part))}=***` : part))
    .join("&");
}

const none: readonly string[] = [];

function isNamed(part: string, lowerName: string): boolean {
  const name = part.slice(0, equals(part));
  if (name.length < lowerName.length) return false;
  return (name.includes("%") || name.includes("+") ? decode(name) : name).toLowerCase() === lowerName;
}

/** Index of the `=`, or the length when there is none. */
function equals(part: string): number {
  const at = part.indexOf("=");
  return at < 0 ? part.length : at;
}

/** A malformed escape is no key of anybody's; it must not be an exception either. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return text;
  }
}
