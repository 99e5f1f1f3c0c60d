import { GatewayError } from "#model/errors.ts";
import { isFieldValue, isToken } from "./characters.ts";

/** How the request's body is framed: its length in bytes, or one of these. */
export const noBody = -1;
export const chunkedRequest = -2;

/**
 * The head of a request as one latin1 string, ended by the empty line. Framing and connection fields are this
 * writer's alone: those in `fields` are left out, also Host (which is `host`) and Expect (which is `expects`).
 *
 * @param target origin-form: path and query.
 * @param fields flat `[name, value, …]`.
 * @param framing bytes of the body (0 writes `Content-Length: 0`), {@link noBody} or {@link chunkedRequest}.
 * @param upgrade protocol to switch to, or null.
 * @param expects the body is held back until the peer answers 100.
 * @throws GatewayError `internal` when a part holds what could end its line early: request splitting.
 * @see RFC 9112 §3, §6
 */
export function writeRequestHead(
  method: string,
  target: string,
  host: string,
  fields: readonly string[],
  framing: number,
  upgrade: string | null = null,
  expects: boolean = false,
): string {
  if (!isToken(method)) throw unwritable("method");
  if (!isTarget(target)) throw unwritable("target");
  if (host === "" || !isTarget(host)) throw unwritable("host");
  let head = `${method} ${target} HTTP/1.1\r\nHost: ${host}\r\n`;
  for (let at = 0; at < fields.length; at += 2) {
    const name = fields[at] as string;
    if (isOwnField(name)) continue;
    const value = fields[at + 1] as string;
    if (!isToken(name) || !isFieldValue(value)) throw unwritable("field");
    head += `${name}: ${value}\r\n`;
    // RFC 9110 §10.1.4: TE is for the next hop only, and says so.
    if (name.length === 2 && name.toLowerCase() === "te") head += "Connection: TE\r\n";
  }
  if (expects) head += "Expect: 100-continue\r\n";
  return head + upgradeOf(upgrade) + framingOf(framing);
}

function upgradeOf(protocol: string | null): string {
  if (protocol === null) return "";
  // `name/version` is two tokens. RFC 9110 §7.8
  if (!protocol.split("/", 2).every(isToken)) throw unwritable("upgrade");
  return `Connection: Upgrade\r\nUpgrade: ${protocol}\r\n`;
}

function framingOf(framing: number): string {
  if (framing === noBody) return "\r\n";
  return framing === chunkedRequest ? "Transfer-Encoding: chunked\r\n\r\n" : `Content-Length: ${framing}\r\n\r\n`;
}

/** The trailer section after the last chunk, with that chunk. Fields that could reframe the message are left out. */
export function writeLastChunk(trailers: readonly string[] | null): string {
  let text = "0\r\n";
  if (trailers !== null) {
    for (let at = 0; at < trailers.length; at += 2) {
      const name = trailers[at] as string;
      const value = trailers[at + 1] as string;
      if (isOwnField(name)) continue;
      if (!isToken(name) || !isFieldValue(value)) throw unwritable("trailer");
      text += `${name}: ${value}\r\n`;
    }
  }
  return `${text}\r\n`;
}

/** The field's text is not in the message: it may be a secret. */
export function unwritable(part: string): GatewayError {
  return new GatewayError("internal", 500, `the request's ${part} holds characters that HTTP cannot carry`);
}

/** Visible US-ASCII only: a blank would end the target. */
export function isTarget(text: string): boolean {
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code <= 0x20 || code >= 0x7f) return false;
  }
  return text.length > 0;
}

/** Framing and connection fields, which only the writer of a protocol writes. */
export function isOwnField(name: string): boolean {
  switch (name.length) {
    case 4:
      return name.toLowerCase() === "host";
    case 6:
      return name.toLowerCase() === "expect";
    case 7:
      return isEither(name, "upgrade", "trailer");
    case 10:
      return isEither(name, "connection", "keep-alive");
    case 14:
      return name.toLowerCase() === "content-length";
    case 16:
      return name.toLowerCase() === "proxy-connection";
    case 17:
      return name.toLowerCase() === "transfer-encoding";
    default:
      return false;
  }
}

function isEither(name: string, first: string, second: string): boolean {
  const lower = name.toLowerCase();
  return lower === first || lower === second;
}
