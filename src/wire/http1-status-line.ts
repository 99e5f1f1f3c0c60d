import { endOfFieldContent } from "./characters.ts";
import { isLineEnd } from "./http1-fields.ts";

export interface StatusLine {
  readonly status: number;
  readonly statusText: string;
  /** Minor version: 0 or 1. */
  readonly minor: number;
  /** Characters of the line with its CRLF. */
  readonly length: number;
}

const zero = 0x30;

/**
 * Reads `HTTP/1.x NNN reason CRLF` at the start of a latin1 text. The blank after the status may be missing, as
 * servers without reason phrases leave it out.
 *
 * @returns the line, or what is wrong.
 * @see RFC 9112 §4
 */
export function parseStatusLine(text: string): StatusLine | string {
  const minor = text.charCodeAt(7) - zero;
  if (!text.startsWith("HTTP/1.") || (minor !== 0 && minor !== 1)) return "invalid version";
  if (text.charCodeAt(8) !== 0x20) return "invalid status line";
  const status = statusAt(text);
  if (status < 100) return "invalid status";
  if (isLineEnd(text, 12)) return { status, statusText: "", minor, length: 14 };
  if (text.charCodeAt(12) !== 0x20) return "invalid status line";
  const end = endOfFieldContent(text, 13);
  if (!isLineEnd(text, end)) return "invalid reason phrase";
  return { status, statusText: text.slice(13, end), minor, length: end + 2 };
}

/** -1 unless there are three digits. */
function statusAt(text: string): number {
  let status = 0;
  for (let at = 9; at < 12; at += 1) {
    const digit = text.charCodeAt(at) - zero;
    if (!(digit >= 0 && digit <= 9)) return -1;
    status = status * 10 + digit;
  }
  return status;
}
