import { text } from "./run.ts";

const bytesOf = (value: string): Buffer => Buffer.from(value, "utf8");

function encode(value: string, isPlain: (code: number) => boolean, space: string, isUpper: boolean): string {
  let result = "";
  for (const byte of bytesOf(value)) {
    if (isPlain(byte)) result += String.fromCharCode(byte);
    else if (byte === 32) result += space;
    else {
      const hex = byte.toString(16).padStart(2, "0");
      result += `%${isUpper ? hex.toUpperCase() : hex}`;
    }
  }
  return text(result);
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
  const spaced = isPlusSpace ? value.replaceAll("+", " ") : value;
  if (!spaced.includes("%")) return text(spaced);
  return text(
    spaced.replace(/(?:%[0-9A-Fa-f]{2})+/g, (run) => {
      return Buffer.from(run.replaceAll("%", ""), "hex").toString("utf8");
    }),
  );
}

const named: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
  nbsp: "\u00a0",
  copy: "©",
  reg: "®",
  euro: "€",
  hellip: "…",
  ndash: "–",
  mdash: "—",
};

export function htmlDecode(value: string): string {
  return text(
    value.replace(
      /&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|(\w{2,8}));/g,
      (whole, decimal: string | undefined, hex: string | undefined, name: string | undefined) => {
        if (name !== undefined) return named[name] ?? whole;
        const code = decimal === undefined ? Number.parseInt(hex ?? "0", 16) : Number(decimal);
        return code > 0x10ffff ? whole : String.fromCodePoint(code);
      },
    ),
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
  return text(
    value.replace(
      /[<>"'&\u00a0-\u00ff]|[\ud800-\udbff][\udc00-\udfff]/g,
      (char) => escapes[char] ?? `&#${char.codePointAt(0) ?? 0};`,
    ),
  );
}
