/** How the end of a body is found: a length in bytes (0: there is none), or one of these. */
export const chunkedBody = -1;
export const untilClose = -2;

/** What the fields of a message say about its framing and its connection. */
export interface Framing {
  /** Bytes, {@link chunkedBody}, or {@link untilClose}. */
  readonly body: number;
  /** The sender keeps the connection open. */
  readonly keepAlive: boolean;
  /** `timeout` of Keep-Alive in milliseconds; -1 when not said. */
  readonly keepAliveMs: number;
  /** Content-Length as sent, also where no body follows (HEAD, 304); undefined when absent. */
  readonly declaredLength: number | undefined;
}

/** Longest Content-Length in digits that stays an exact integer. */
const maxLengthDigits = 15;

/**
 * Decides the framing of a response. Whatever two readers could take differently is refused: Content-Length beside
 * Transfer-Encoding, repeated or odd lengths, any coding but one final `chunked`, codings on HTTP/1.0.
 *
 * @param bodyless the request was HEAD.
 * @returns the framing, or what is wrong.
 * @see RFC 9112 §6
 */
export function decideFraming(
  status: number,
  minor: number,
  raw: readonly string[],
  bodyless: boolean,
): Framing | string {
  let length: string | undefined;
  let coding: string | undefined;
  let connection = "";
  let keepAliveMs = -1;
  for (let at = 0; at < raw.length; at += 2) {
    const name = raw[at] as string;
    if (name.length === 14 && name.toLowerCase() === "content-length") {
      if (length !== undefined) return "repeated content-length";
      length = raw[at + 1] as string;
    } else if (name.length === 17 && name.toLowerCase() === "transfer-encoding") {
      if (coding !== undefined) return "repeated transfer-encoding";
      coding = raw[at + 1] as string;
    } else if (name.length === 10) {
      const lower = name.toLowerCase();
      if (lower === "connection") connection += `,${raw[at + 1] as string}`;
      else if (lower === "keep-alive") keepAliveMs = keepAliveTimeout(raw[at + 1] as string);
    }
  }
  const wrong = checkLengths(length, coding, minor);
  if (wrong !== null) return wrong;
  return resolve(status, minor, length, coding !== undefined, bodyless, connection, keepAliveMs);
}

function checkLengths(length: string | undefined, coding: string | undefined, minor: number): string | null {
  if (length !== undefined) {
    if (coding !== undefined) return "content-length with transfer-encoding";
    if (!isDecimal(length)) return "invalid content-length";
  }
  if (coding === undefined) return null;
  if (minor === 0) return "transfer-encoding in HTTP/1.0";
  return coding.toLowerCase() === "chunked" ? null : "unsupported transfer-encoding";
}

function resolve(
  status: number,
  minor: number,
  length: string | undefined,
  chunked: boolean,
  bodyless: boolean,
  connection: string,
  keepAliveMs: number,
): Framing | string {
  const declaredLength = length === undefined ? undefined : Number(length);
  const persistent = staysOpen(minor, connection);
  if (bodyless || status === 304) return { body: 0, keepAlive: persistent, keepAliveMs, declaredLength };
  if (status < 200 && (chunked || length !== undefined)) return "interim response with a body";
  if (status === 204 || status < 200) {
    // A body here is a breach; it is not read, and what is left of it must not be taken for the next response.
    const clean = !chunked && (declaredLength ?? 0) === 0;
    return { body: 0, keepAlive: persistent && clean, keepAliveMs, declaredLength };
  }
  if (chunked) return { body: chunkedBody, keepAlive: persistent, keepAliveMs, declaredLength };
  if (declaredLength === undefined) return { body: untilClose, keepAlive: false, keepAliveMs, declaredLength };
  return { body: declaredLength, keepAlive: persistent, keepAliveMs, declaredLength };
}

/** @param connection values of Connection, each behind a comma; empty: none */
export function staysOpen(minor: number, connection: string): boolean {
  if (connection === "") return minor === 1;
  if (connection === ",keep-alive") return true;
  const lower = connection.toLowerCase();
  // In doubt it closes: `close` counts wherever it stands, `keep-alive` as an option of its own alone.
  if (lower.split(/[\s,]+/).includes("close")) return false;
  return minor === 1 || /,[\t ]*keep-alive[\t ]*(?:,|$)/.test(lower);
}

function isDecimal(text: string): boolean {
  if (text.length === 0 || text.length > maxLengthDigits) return false;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code < 0x30 || code > 0x39) return false;
  }
  return true;
}

function keepAliveTimeout(value: string): number {
  const match = /(?:^|[,\s])timeout\s*=\s*"?(\d{1,6})/i.exec(value);
  return match === null ? -1 : Number(match[1]) * 1000;
}
