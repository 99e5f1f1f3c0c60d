import { endOfToken, isFieldValue } from "#wire/characters.ts";

const requestPseudo: ReadonlySet<string> = new Set([":method", ":scheme", ":path", ":authority", ":protocol"]);

/** Whether a request's field may have the name: lower case, and with a colon only what HTTP/2 itself names. @see RFC 9113 §8.2, §8.3.1 */
export function isSoundName(name: string): boolean {
  if (name.charCodeAt(0) === 0x3a) return requestPseudo.has(name);
  return name !== "" && endOfToken(name, 0) === name.length && !hasUpperCase(name);
}

function hasUpperCase(name: string): boolean {
  for (let at = 0; at < name.length; at += 1) {
    const code = name.charCodeAt(at);
    if (code >= 0x41 && code <= 0x5a) return true;
  }
  return false;
}

/** @see RFC 9113 §8.2.1 */
export function isSoundValue(value: string): boolean {
  if (value === "") return true;
  return !isBlank(value.charCodeAt(0)) && !isBlank(value.charCodeAt(value.length - 1)) && isFieldValue(value);
}

export function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}
