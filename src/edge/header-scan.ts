/**
 * What the edge looks for in the fields of a request, found in one pass over the raw list. One instance serves all
 * requests of a listener: it is read before the next request is scanned.
 */
export class HeaderScan {
  hosts = 0;
  host = "";
  lengths = 0;
  contentLength = "";
  codings = 0;
  transferEncoding = "";
  expect: string | null = null;
  cookies = 0;
  /** Name and value lengths with 4 for the punctuation, as HTTP/1.1 would spell them. */
  bytes = 0;
  /** Some name is to be dropped: see {@link isDropped}. */
  drops = false;
  /** A field that belongs to one HTTP/1.1 connection. */
  connectionFields = false;
  upgrade = false;
  /** Values of Connection, each behind a comma. */
  connection = "";

  /** @param from index of the first name: pseudo-header fields come before it */
  scan(raw: readonly string[], from: number, allowed: ReadonlySet<string>): void {
    this.#reset();
    for (let at = from; at + 1 < raw.length; at += 2) {
      const name = raw[at] as string;
      const value = raw[at + 1] as string;
      this.bytes += name.length + value.length + 4;
      this.#note(name, value);
      if (hasMark(name) && isDropped(name, allowed)) this.drops = true;
    }
  }

  #note(name: string, value: string): void {
    switch (name.length) {
      case 2:
        if (name.toLowerCase() === "te" && value.toLowerCase() !== "trailers") this.connectionFields = true;
        break;
      case 4:
        if (name.toLowerCase() === "host") this.#noteHost(value);
        break;
      case 6:
        this.#noteSix(name, value);
        break;
      case 7:
        if (name.toLowerCase() === "upgrade") this.#noteUpgrade();
        break;
      case 10:
        this.#noteTen(name, value);
        break;
      case 16:
        this.connectionFields ||= isConnectionField(name);
        break;
      case 14:
        if (name.toLowerCase() === "content-length") this.#noteLength(value);
        break;
      case 17:
        if (name.toLowerCase() === "transfer-encoding") this.#noteCoding(value);
        break;
      default:
    }
  }

  #noteHost(value: string): void {
    this.hosts += 1;
    this.host = value;
  }

  #noteSix(name: string, value: string): void {
    const lower = name.toLowerCase();
    if (lower === "cookie") this.cookies += 1;
    else if (lower === "expect") this.expect = this.expect === null ? value : `${this.expect}, ${value}`;
  }

  #noteTen(name: string, value: string): void {
    if (!isConnectionField(name)) return;
    this.connectionFields = true;
    if (name.toLowerCase() === "connection") this.connection += `,${value}`;
  }

  #noteUpgrade(): void {
    this.upgrade = true;
    this.connectionFields = true;
  }

  #noteLength(value: string): void {
    this.lengths += 1;
    this.contentLength = value;
  }

  #noteCoding(value: string): void {
    this.codings += 1;
    this.transferEncoding = value;
    this.connectionFields = true;
  }

  #reset(): void {
    this.hosts = 0;
    this.host = "";
    this.lengths = 0;
    this.contentLength = "";
    this.codings = 0;
    this.transferEncoding = "";
    this.expect = null;
    this.cookies = 0;
    this.bytes = 0;
    this.drops = false;
    this.connectionFields = false;
    this.upgrade = false;
    this.connection = "";
  }
}

function isConnectionField(name: string): boolean {
  const lower = name.toLowerCase();
  return lower === "connection" || lower === "keep-alive" || lower === "proxy-connection";
}

/** Whether the name holds `_` or `.`. */
function hasMark(name: string): boolean {
  for (let at = 0; at < name.length; at++) {
    const code = name.charCodeAt(at);
    if (code === 0x5f || code === 0x2e) return true;
  }
  return false;
}

/**
 * A server that turns names into variables reads `X_User` and `X-User` as one, so a client could send the one that
 * no policy looks at.
 */
export function isDropped(name: string, allowed: ReadonlySet<string>): boolean {
  return hasMark(name) && !allowed.has(name.toLowerCase());
}

/** The list without the names that are not let through. */
export function withoutDropped(raw: readonly string[], allowed: ReadonlySet<string>): string[] {
  const kept: string[] = [];
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = raw[at] as string;
    if (!isDropped(name, allowed)) kept.push(name, raw[at + 1] as string);
  }
  return kept;
}

/** A Content-Length in its one spelling; -1 for anything else. */
export function parseLength(value: string): number {
  if (value.length === 0 || value.length > 15) return -1;
  if (value.length > 1 && value.charCodeAt(0) === 0x30) return -1;
  let length = 0;
  for (let at = 0; at < value.length; at++) {
    const digit = value.charCodeAt(at) - 0x30;
    if (digit < 0 || digit > 9) return -1;
    length = length * 10 + digit;
  }
  return length;
}
