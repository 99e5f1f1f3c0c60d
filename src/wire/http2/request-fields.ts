import { isToken } from "#wire/characters.ts";

const method = 1;
const scheme = 2;
const path = 4;
const authority = 8;
const protocol = 16;

function bitOf(name: string): number {
  switch (name) {
    case ":method":
      return method;
    case ":scheme":
      return scheme;
    case ":path":
      return path;
    case ":authority":
      return authority;
    default:
      return name === ":protocol" ? protocol : 0;
  }
}

/**
 * Whether the list has what a request must have: its pseudo-header fields, each once, in front of all others. What they
 * say is for others to judge.
 *
 * @param fields flat `[name, value, …]`, each of them sound
 * @see RFC 9113 §8.3.1, §8.5; RFC 8441 §4
 */
export function isRequest(fields: readonly string[]): boolean {
  let seen = 0;
  let at = 0;
  let isConnect = false;
  for (; at < fields.length && isPseudo(fields[at] as string); at += 2) {
    const bit = bitOf(fields[at] as string);
    const value = fields[at + 1] as string;
    if (bit === 0 || (seen & bit) !== 0 || (value === "" && bit !== authority)) return false;
    seen |= bit;
    if (bit !== method) continue;
    if (!isToken(value)) return false;
    isConnect = value === "CONNECT";
  }
  if (hasPseudo(fields, at)) return false;
  if (isConnect && (seen & protocol) === 0) return seen === (method | authority);
  const needed = method | scheme | path | (isConnect ? authority : 0);
  return (seen & needed) === needed && (isConnect || (seen & protocol) === 0);
}

/** Whether a pseudo-header field stands at or behind the place: in trailers, none may. */
export function hasPseudo(fields: readonly string[], from: number): boolean {
  for (let at = from; at < fields.length; at += 2) if (isPseudo(fields[at] as string)) return true;
  return false;
}

function isPseudo(name: string): boolean {
  return name.charCodeAt(0) === 0x3a;
}
