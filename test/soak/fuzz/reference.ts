/**
 * A second reader of HTTP/1.1, written for clarity over whole texts. It takes the grammar of RFC 9112 and no more but
 * what is said at each place: what the gateway takes must be taken here too, with the same meaning.
 */
export interface ReferenceMessage {
  /** Start line without its end. */
  readonly line: string;
  readonly fields: readonly (readonly [string, string])[];
  readonly body: string;
  readonly trailers: readonly (readonly [string, string])[];
}

const fieldLine = /^([\w!#$%&'*+.^`|~-]+):[ \t]*((?:[\t\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?)[ \t]*$/;
const chunkLine =
  /^([0-9a-f]+)((?:;[\w!#$%&'*+.^`|~-]+(?:=(?:[\w!#$%&'*+.^`|~-]+|"(?:[\t \x21\x23-\x5b\x5d-\x7e\x80-\xff]|\\[\t\x20-\x7e\x80-\xff])*"))?)*)$/i;

/** Node's parser is loose within an extension, which is dropped; what ends the line is what matters. */
const looseChunkLine = /^([0-9a-f]+)((?:;[\t\x20-\x7e\x80-\xff]*)?)$/i;

/** Reads on from a place; null: what is there is no such thing, or not the whole of it. */
export class Reader {
  readonly text: string;
  at = 0;

  constructor(text: string) {
    this.text = text;
  }

  line(): string | null {
    const end = this.text.indexOf("\r\n", this.at);
    if (end < 0) return null;
    const line = this.text.slice(this.at, end);
    this.at = end + 2;
    return line;
  }

  fields(): (readonly [string, string])[] | null {
    const fields: (readonly [string, string])[] = [];
    for (;;) {
      const line = this.line();
      if (line === null) return null;
      if (line === "") return fields;
      const match = fieldLine.exec(line);
      if (match === null) return null;
      fields.push([match[1] ?? "", match[2] ?? ""]);
    }
  }

  exactly(length: number): string | null {
    if (this.text.length - this.at < length) return null;
    this.at += length;
    return this.text.slice(this.at - length, this.at);
  }

  chunks(
    sizeLine: RegExp,
  ): { readonly body: string; readonly trailers: readonly (readonly [string, string])[] } | null {
    let body = "";
    for (;;) {
      const match = sizeLine.exec(this.line() ?? "-");
      if (match === null) return null;
      const size = Number.parseInt(match[1] ?? "", 16);
      if (size === 0) {
        const trailers = this.fields();
        return trailers === null ? null : { body, trailers };
      }
      const data = this.exactly(size);
      if (data === null || this.exactly(2) !== "\r\n") return null;
      body += data;
    }
  }
}

export function valuesOf(fields: ReferenceMessage["fields"], name: string): readonly string[] {
  return fields.filter(([key]) => key.toLowerCase() === name).map(([, value]) => value);
}

/** "none", "chunked", a length, or null where two readers might differ. */
export function framingOf(fields: ReferenceMessage["fields"]): "none" | "chunked" | number | null {
  const lengths = valuesOf(fields, "content-length");
  const codings = valuesOf(fields, "transfer-encoding");
  if (codings.length > 0) {
    return codings.length === 1 && lengths.length === 0 && codings[0]?.toLowerCase() === "chunked" ? "chunked" : null;
  }
  if (lengths.length === 0) return "none";
  return lengths.length === 1 && /^\d{1,15}$/.test(lengths[0] ?? "") ? Number(lengths[0]) : null;
}

function keepsAlive(version: string, fields: ReferenceMessage["fields"]): boolean {
  const options = valuesOf(fields, "connection")
    .join(",")
    .toLowerCase()
    .split(/[\s,]+/);
  return !options.includes("close") && (version === "1.1" || options.includes("keep-alive"));
}

/**
 * The requests on a connection, up to the first that is bad or not whole. Line ends before a request line are skipped,
 * a lone CR or LF too, and several blanks stand for one in it, as Node's parser has it: no request can be hidden in them
 * (RFC 9112 §2.2, §3).
 */
export function referenceRequests(text: string): readonly ReferenceMessage[] {
  const reader = new Reader(text);
  const requests: ReferenceMessage[] = [];
  for (;;) {
    while (/[\r\n]/.test(reader.text.charAt(reader.at))) reader.at += 1;
    const line = reader.line();
    const match = /^[\w!#$%&'*+.^`|~-]+ +[\x21-\x7e\x80-\xff]+ +HTTP\/(1\.[01])$/.exec(line ?? "");
    const fields = match === null ? null : reader.fields();
    if (line === null || match === null || fields === null) return requests;
    const framing = framingOf(fields);
    if (framing === null || (framing === "chunked" && match[1] === "1.0")) return requests;
    const rest = bodyOf(reader, framing, looseChunkLine);
    if (rest === null) return requests;
    requests.push({ line, fields, ...rest });
    if (!keepsAlive(match[1] ?? "", fields)) return requests;
  }
}

function bodyOf(
  reader: Reader,
  framing: "none" | "chunked" | number,
  sizeLine: RegExp,
): Pick<ReferenceMessage, "body" | "trailers"> | null {
  if (framing === "chunked") return reader.chunks(sizeLine);
  const body = framing === "none" ? "" : reader.exactly(framing);
  return body === null ? null : { body, trailers: [] };
}

/** The whole responses on a connection that is closed behind the text, up to the first that is bad or not whole. */
export function referenceResponses(text: string): readonly ReferenceMessage[] {
  const reader = new Reader(text);
  const responses: ReferenceMessage[] = [];
  for (;;) {
    const line = reader.line();
    const match = /^HTTP\/(1\.[01]) ([1-9]\d\d)(?: [\t\x20-\x7e\x80-\xff]*)?$/.exec(line ?? "");
    const fields = match === null ? null : reader.fields();
    if (line === null || match === null || fields === null) return responses;
    const status = Number(match[2]);
    const framing = framingOf(fields);
    if (framing === null || status === 101 || (framing === "chunked" && match[1] === "1.0")) return responses;
    const without = status < 200 || status === 204 || status === 304;
    if (status < 200 && framing !== "none") return responses;
    if (!without && framing === "none") {
      responses.push({ line, fields, body: text.slice(reader.at), trailers: [] });
      return responses;
    }
    const rest = bodyOf(reader, without ? "none" : framing, chunkLine);
    if (rest === null) return responses;
    responses.push({ line, fields, ...rest });
    if (status < 200) continue;
    const breach = status === 204 && framing !== "none" && framing !== 0;
    if (breach || !keepsAlive(match[1] ?? "", fields)) return responses;
  }
}
