import { isIPv4, isIPv6 } from "node:net";

const maxHostLength = 253;
const maxLabelLength = 63;

/**
 * Host of an authority (`host`, `host:port`, `[v6]:port`): lower case, without port, brackets or trailing dot.
 *
 * @returns null for anything else: user information, empty labels, characters outside a host name, a port that is
 * not one, a number that is not a dotted IPv4 address (`127.1`, `0x7f000001`: other programs read them as addresses).
 */
export function parseHost(authority: string): string | null {
  if (authority.length === 0 || authority.length > maxHostLength + 7) return null;
  if (authority.charCodeAt(0) === 0x5b) return parseBracketed(authority);
  const colon = authority.indexOf(":");
  if (colon >= 0 && !isPort(authority, colon + 1)) return null;
  const end = colon < 0 ? authority.length : colon;
  const named = authority.charCodeAt(end - 1) === 0x2e ? end - 1 : end;
  const host = named === authority.length ? authority : authority.slice(0, named);
  return isHostName(host) ? host.toLowerCase() : null;
}

function parseBracketed(authority: string): string | null {
  const end = authority.indexOf("]");
  if (end < 0) return null;
  if (end + 1 < authority.length && !(authority[end + 1] === ":" && isPort(authority, end + 2))) return null;
  const address = authority.slice(1, end);
  // A zone (`fe80::1%eth0`) means nothing outside its machine.
  if (!isIPv6(address) || address.includes("%")) return null;
  return new URL(`http://[${address}]`).hostname.slice(1, -1);
}

function isPort(text: string, from: number): boolean {
  const digits = text.length - from;
  if (digits < 1 || digits > 5) return false;
  let value = 0;
  for (let at = from; at < text.length; at++) {
    const digit = text.charCodeAt(at) - 0x30;
    if (digit < 0 || digit > 9) return false;
    value = value * 10 + digit;
  }
  return value > 0 && value <= 65535;
}

function isHostName(host: string): boolean {
  if (host.length === 0 || host.length > maxHostLength) return false;
  let label = 0;
  let numeric = true;
  for (let at = 0; at < host.length; at++) {
    const code = host.charCodeAt(at);
    if (code === 0x2e) {
      if (label === 0) return false;
      label = 0;
      numeric = true;
      continue;
    }
    if (!isNameCharacter(code) || ++label > maxLabelLength) return false;
    numeric &&= code >= 0x30 && code <= 0x39;
  }
  return label > 0 && (!(numeric || isHexLabel(host)) || isIPv4(host));
}

function isNameCharacter(code: number): boolean {
  const letter = code | 0x20;
  return (letter >= 0x61 && letter <= 0x7a) || (code >= 0x30 && code <= 0x39) || code === 0x2d || code === 0x5f;
}

function isHexLabel(host: string): boolean {
  const from = host.lastIndexOf(".") + 1;
  return host.charCodeAt(from) === 0x30 && (host.charCodeAt(from + 1) | 0x20) === 0x78;
}
