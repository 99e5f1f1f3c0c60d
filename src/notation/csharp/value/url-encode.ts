import { partsOfText } from "./find-text.ts";
import { charge, step, text } from "./run.ts";
import { htmlEntities } from "./html-entities.ts";

const bytesOf = (value: string): Buffer => Buffer.from(value, "utf8");

/** Paid for before it is made, and without a string a character: a request may bring megabytes to encode. */
function encode(value: string, isPlain: (code: number) => boolean, space: string, isUpper: boolean): string {
  charge(value.length * 2);
  const bytes = bytesOf(value);
  let length = 0;
  for (const byte of bytes) length += isPlain(byte) ? 1 : byte === 32 ? space.length : 3;
  charge((length - value.length) * 2);
  const made = Buffer.allocUnsafe(length);
  let at = 0;
  for (const byte of bytes) {
    if (isPlain(byte)) made[at++] = byte;
    else at += made.write(byte === 32 ? space : escapeOf(byte, isUpper), at, "latin1");
  }
  return made.toString("latin1");
}

function escapeOf(byte: number, isUpper: boolean): string {
  const hex = byte.toString(16).padStart(2, "0");
  return `%${isUpper ? hex.toUpperCase() : hex}`;
}

/** `replace`, each piece paid for as it is made. */
export function replacePaid(value: string, pattern: RegExp, by: (...groups: string[]) => string): string {
  charge(value.length * 2);
  return value.replace(pattern, (...groups: string[]) => {
    const piece = by(...groups);
    step();
    charge(piece.length * 2);
    return piece;
  });
}

const alphanumeric = (code: number): boolean =>
  (code >= 48 && code <= 57) || (code >= 65 && code <= 90) || (code >= 97 && code <= 122);
const among = (extra: string) => (code: number) => alphanumeric(code) || extra.includes(String.fromCharCode(code));

/** WebUtility.UrlEncode: a space is `+`, hex is upper case. */
export function webUrlEncode(value: string): string {
  return encode(value, among("-_.!*()"), "+", true);
}

/** HttpUtility.UrlEncode: the same with lower-case hex. */
export function httpUrlEncode(value: string): string {
  return encode(value, among("-_.!*()"), "+", false);
}

/** Uri.EscapeDataString: RFC 3986's unreserved characters stay. */
export function escapeData(value: string): string {
  return encode(value, among("-_.~"), "%20", true);
}

/** Uri.EscapeUriString: reserved characters stay too. */
export function escapeUri(value: string): string {
  return encode(value, among("-_.~:/?#[]@!$&'()*+,;="), "%20", true);
}

/** FormUrlEncodedContent. */
export function formEncode(value: string): string {
  return encode(value, among("-_.~"), "+", true);
}

/** Decodes `%hh` as UTF-8; what is no escape stays. */
export function percentDecode(value: string, isPlusSpace: boolean): string {
  const spaced = isPlusSpace ? partsOfText(value, "+").join(" ") : value;
  if (!spaced.includes("%")) return text(spaced);
  return replacePaid(spaced, /(?:%[0-9A-Fa-f]{2})+/g, (run = "") =>
    Buffer.from(run.replaceAll("%", ""), "hex").toString("utf8"),
  );
}

export function htmlDecode(value: string): string {
  return replacePaid(
    value,
    /&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|(\w{2,8}));/g,
    (whole = "", decimal?: string, hex?: string, name?: string) => {
      if (name !== undefined) return htmlEntities.get(name) ?? whole;
      const code = decimal === undefined ? Number.parseInt(hex ?? "0", 16) : Number(decimal);
      return code > 0x10ffff ? whole : String.fromCodePoint(code);
    },
  );
}

export function htmlEncode(value: string): string {
  const escapes: Readonly<Record<string, string>> = {
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "'": "&#39;",
    "&": "&amp;",
  };
  return replacePaid(
    value,
    /[<>"'&\u00a0-\u00ff]|[\ud800-\udbff][\udc00-\udfff]/g,
    (char = "") => escapes[char] ?? `&#${char.codePointAt(0) ?? 0};`,
  );
}
