import { Buffer } from "node:buffer";

export interface BasicCredentials {
  readonly user: string;
  readonly password: string;
}

/** Characters of base64: what is longer is looked at by nobody. */
const maxLength = 2048;
const decoder = new TextDecoder("utf-8", { fatal: true });

/**
 * User and password of `Authorization: Basic …`, as UTF-8.
 *
 * @returns undefined for another scheme; null where they cannot be read: no base64 in the one way in which it is
 *   written, no UTF-8, no colon, control characters
 * @see RFC 7617 §2
 */
export function basicCredentials(authorization: string): BasicCredentials | null | undefined {
  if (!/^basic(?: |$)/i.test(authorization)) return undefined;
  const encoded = authorization.slice("Basic ".length).trim();
  if (encoded.length > maxLength || !/^[A-Za-z0-9+/]+={0,2}$/.test(encoded)) return null;
  const bytes = Buffer.from(encoded, "base64");
  if (bytes.toString("base64") !== encoded) return null;
  const text = decoded(bytes);
  const colon = text?.indexOf(":") ?? -1;
  // oxlint-disable-next-line no-control-regex -- that is what is refused
  if (text === null || colon < 0 || /[\u0000-\u001f\u007f]/.test(text)) return null;
  return { user: text.slice(0, colon), password: text.slice(colon + 1) };
}

function decoded(bytes: Uint8Array): string | null {
  try {
    return decoder.decode(bytes);
  } catch {
    return null;
  }
}
