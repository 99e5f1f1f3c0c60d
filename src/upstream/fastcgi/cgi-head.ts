import { Buffer } from "node:buffer";
import { STATUS_CODES } from "#lib/node-http.ts";

/** More fields than any application sets. */
const maxBytes = 64 * 1024;

export interface CgiHead {
  readonly status: number;
  readonly statusText: string;
  /** Flat, without Status. */
  readonly fields: string[];
}

/**
 * Collects the head of a CGI response: fields, an empty line, then the body. @see RFC 3875 §6
 */
export class CgiHeadReader {
  #bytes: Buffer = Buffer.alloc(0);

  /** @returns the head and what follows it; undefined while it is not whole; null when it is none */
  push(piece: Buffer): { readonly head: CgiHead; readonly rest: Buffer } | undefined | null {
    this.#bytes = this.#bytes.length === 0 ? Buffer.from(piece) : Buffer.concat([this.#bytes, piece]);
    const text = this.#bytes.toString("latin1", 0, Math.min(this.#bytes.length, maxBytes));
    const end = /\r?\n\r?\n/.exec(text);
    if (end === null) return this.#bytes.length >= maxBytes ? null : undefined;
    const head = readHead(text.slice(0, end.index));
    return head === null ? null : { head, rest: this.#bytes.subarray(end.index + end[0].length) };
  }
}

/** A field that is none, or has a control character in its value, makes the whole malformed: it could be two. */
function readHead(text: string): CgiHead | null {
  const fields: string[] = [];
  let status: string | undefined;
  for (const line of text.split(/\r?\n/)) {
    const [, name, value] = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*([\t\x20-\x7e\x80-\xff]*?)[ \t]*$/.exec(line) ?? [];
    if (name === undefined || value === undefined) return null;
    if (name.toLowerCase() === "status") status = value;
    else fields.push(name, value);
  }
  const located = fields.some((name, at) => at % 2 === 0 && name.toLowerCase() === "location");
  const [, code, reason] = /^([2-5]\d\d)(?: (.*))?$/.exec(status ?? (located ? "302" : "200")) ?? [];
  if (code === undefined) return null;
  return { status: Number(code), statusText: reason ?? STATUS_CODES[code] ?? "", fields };
}
