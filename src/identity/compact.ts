import { decodeBase64url, decodeUtf8 } from "./base64url.ts";
import { parseStrictObject } from "./strict-json.ts";
import { refuseToken, type RefusedToken } from "./token-refusal.ts";

/** Characters of a token; longer ones are refused unread. Servers rarely take a header longer than this. */
export const maxTokenLength = 16_384;

/** A signed token whose form is right; nothing in it is verified. */
export interface CompactToken {
  readonly ok: true;
  readonly text: string;
  readonly header: Readonly<Record<string, unknown>>;
  readonly payload: Uint8Array;
}

/**
 * Parses the compact serialization before any library sees it, and takes one spelling only. JSON serialization,
 * five-part encrypted tokens and everything else that is not three canonical base64url parts is `token-malformed`.
 * @see RFC 7515 §3.1, §5.2; RFC 8725 §3.11
 */
export function parseCompact(text: string): CompactToken | RefusedToken {
  if (text.length > maxTokenLength) return malformed("longer than 16 KiB");
  const first = text.indexOf(".");
  const second = text.indexOf(".", first + 1);
  if (first < 0 || second < 0 || text.includes(".", second + 1)) return malformed("not three parts");
  const headerBytes = decodeBase64url(text.slice(0, first));
  const payload = decodeBase64url(text.slice(first + 1, second));
  const signature = decodeBase64url(text.slice(second + 1));
  if (headerBytes === undefined || payload === undefined || signature === undefined) {
    return malformed("not canonical base64url");
  }
  const header = parseBytes(headerBytes);
  return header === undefined
    ? malformed("header is not a JSON object with unique names")
    : { ok: true, text, header, payload };
}

/** The claims, unverified; undefined when the payload is not one unambiguous JSON object. @see RFC 7519 §7.2 */
export function parseClaims(token: CompactToken): Readonly<Record<string, unknown>> | undefined {
  return parseBytes(token.payload);
}

function parseBytes(bytes: Uint8Array): Readonly<Record<string, unknown>> | undefined {
  const text = decodeUtf8(bytes);
  return text === undefined ? undefined : parseStrictObject(text);
}

function malformed(detail: string): RefusedToken {
  return refuseToken("token-malformed", detail);
}
