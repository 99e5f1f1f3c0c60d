import { Buffer } from "node:buffer";
import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";

/** Node's parser of a connection, as far as it is asked here. It is no documented part of Node, hence the tests. */
interface Parser {
  readonly incoming: IncomingMessage | null;
  readonly constructor: { readonly kOnExecute: number };
  /** A copy of what is being parsed: 0.7 µs. */
  getCurrentBuffer(): Buffer;
  [afterRead: number]: (result: unknown) => void;
}

/** ` HTTP/1.1`, the end of its line, and the end of the head. */
const fixedBytes = 14;
/** What a line may be longer than the fields may be: its method and version. */
const lineExtra = 64;
const endOfHead = "\r\n\r\n";
const nothing = Buffer.alloc(0);
const [lineFeed, carriageReturn] = [0x0a, 0x0d];

/**
 * Sees whether a request line is written as HTTP has it. Node's parser takes several spaces between its parts, and
 * `RTSP/1.0` for `HTTP/1.0` with the methods that both have, and does not tell. To look at the bytes of each request
 * would cost more than the rest of this room's checks together. So they are counted, which costs next to nothing: what
 * the head would take, written the usual way, is held against what has come. Looked at is what the count does not
 * explain, the first request of a connection, and whatever says that it is none of HTTP/1.1.
 *
 * What gets past this is a later request of a client that leaves out a space elsewhere to make up for one here, or that
 * says `RTSP/1.1`, which is no protocol. It has nothing of that: what is forwarded is written anew.
 *
 * @see RFC 9112 §3
 */
export class RequestLines {
  readonly #socket: Socket;
  readonly #longest: number;
  #parser: Parser | null = null;
  /** How many bytes came before the next request; not a number behind a chunked body, until the read is over. */
  #next: number;
  /** The beginning of a request line whose end has not come yet. */
  #held: Buffer | null = null;
  /** What came last of the head that it belongs to. */
  #tail: Buffer = nothing;
  #isFirst = true;
  /** Where a chunked body has ended that began in an earlier read is concluded from the line behind it. */
  #isGuess = false;
  /**
   * What was read together with a PROXY header, as long as something of it may be needed: it comes to the parser another
   * way than all that follows, and nobody is told when it is over.
   */
  #peeked: Buffer | null = null;
  readonly #peekedEnd: number;

  /** @param headerBytes what Node's parser lets a head have */
  constructor(socket: Socket, headerBytes: number) {
    this.#socket = socket;
    this.#longest = headerBytes + lineExtra;
    this.#next = socket.bytesRead - socket.readableLength;
    this.#peekedEnd = socket.bytesRead;
    if (socket.readableLength > 0) this.#peek();
  }

  #peek(): void {
    const read = this.#socket.read() as Buffer | null;
    if (read === null) return;
    this.#socket.unshift(read);
    this.#peeked = read;
  }

  /** Nothing is left of it but the beginning of a line that goes on in what is read now. */
  #leavePeeked(): void {
    const peeked = this.#peeked;
    if (peeked === null || this.#socket.bytesRead === this.#peekedEnd) return;
    this.#peeked = null;
    const from = this.#next - (this.#peekedEnd - peeked.length);
    if (from < peeked.length) this.#hold(peeked.subarray(from));
  }

  /** From here on the connection's parser is watched: it has been made. */
  watch(): void {
    const parser = (this.#socket as unknown as { parser: Parser | null }).parser;
    if (parser === null || parser === undefined) return;
    this.#parser = parser;
    const key = parser.constructor.kOnExecute;
    const goOn = parser[key] as (result: unknown) => void;
    parser[key] = (result) => {
      this.#readOver(parser);
      goOn(result);
    };
  }

  /**
   * Is the line of the request whose head has just been parsed one of HTTP, with single spaces?
   *
   * @param bodyLength -1: no body; undefined: chunked
   */
  isPlain(request: IncomingMessage, bodyLength: number | undefined): boolean {
    this.#leavePeeked();
    const isPlain = this.#judge(request, bodyLength);
    if (this.#next >= this.#peekedEnd) this.#peeked = null;
    return isPlain;
  }

  #judge(request: IncomingMessage, bodyLength: number | undefined): boolean {
    const end = this.#next + usualBytes(request);
    const read = this.#socket.bytesRead;
    const body = bodyLength === undefined ? Number.NaN : Math.max(0, bodyLength);
    const isUsual = !this.#isFirst && request.httpVersionMinor === 1 && request.method !== "OPTIONS";
    // Where some of a body has come too, as much less of it could make up for a space.
    if (!isUsual || this.#held !== null || read !== end) return this.#look(request, body);
    this.#next = end + body;
    return true;
  }

  #look(request: IncomingMessage, body: number): boolean {
    this.#isFirst = false;
    const chunk = this.#parser?.getCurrentBuffer();
    if (chunk === undefined) return true;
    const line = `${request.method} ${request.url} HTTP/1.${request.httpVersionMinor}\r\n`;
    const before = this.#socket.bytesRead - chunk.length;
    const held = this.#held;
    this.#held = null;
    const isKnown = this.#next >= before;
    const from = held !== null ? 0 : isKnown ? this.#next - before : lineIn(chunk, line);
    if (held === null && !isKnown) this.#isGuess = true;
    if (from < 0) return false;
    const bytes = held === null ? chunk : Buffer.concat([held, chunk.subarray(0, this.#longest)]);
    // A body may hold the very line that was looked for.
    if (!isAt(bytes, from, line)) return this.#isGuess && this.#startOver(chunk, line);
    const headEnd = this.#headEnd(chunk, held === null || isBlank(held) ? lineStart(chunk, from) : -1);
    const end = Number.isNaN(body) && headEnd >= 0 ? chunkedEnd(chunk, headEnd) : headEnd + body;
    this.#next = headEnd < 0 ? Number.NaN : before + end;
    return true;
  }

  #startOver(chunk: Buffer, line: string): boolean {
    this.#next = Number.NaN;
    return lineIn(chunk, line) >= 0;
  }

  /** @param start where its line begins; -1: in an earlier read, so that its end may have begun there too */
  #headEnd(chunk: Buffer, start: number): number {
    const bytes = start < 0 ? Buffer.concat([this.#tail, chunk]) : chunk;
    const end = bytes.indexOf(endOfHead, Math.max(0, start));
    return end < 0 ? -1 : end + endOfHead.length - (bytes.length - chunk.length);
  }

  /** All that has come is parsed. Keeps the beginning of a line that is not whole yet. */
  #readOver(parser: Parser): void {
    this.#leavePeeked();
    const { bytesRead } = this.#socket;
    if (bytesRead === this.#next) this.#isGuess = false;
    if (bytesRead <= this.#next) return;
    if (Number.isNaN(this.#next)) return this.#findNext(parser);
    const chunk = parser.getCurrentBuffer();
    this.#hold(chunk.subarray(Math.max(0, this.#next - (bytesRead - chunk.length))));
  }

  /**
   * A chunked body ends like a head, and no beginning of a head holds that. Where that end came in two reads, this one
   * begins with what {@link lineStart} skips.
   */
  #findNext(parser: Parser): void {
    if (parser.incoming?.complete === false) return;
    const chunk = parser.getCurrentBuffer();
    const end = chunk.lastIndexOf(endOfHead);
    const rest = end < 0 ? chunk : chunk.subarray(end + endOfHead.length);
    this.#next = this.#socket.bytesRead - rest.length;
    if (rest.length > 0) this.#hold(rest);
  }

  /** Copied: the whole read would be kept otherwise. Nothing is added behind the line's end. */
  #hold(bytes: Buffer): void {
    const held = this.#held ?? nothing;
    const tail = this.#held === null ? nothing : this.#tail;
    this.#tail = Buffer.concat([tail, bytes.subarray(1 - endOfHead.length)]).subarray(1 - endOfHead.length);
    const isWhole = held.indexOf(lineFeed, lineStart(held, 0)) >= 0;
    if (!isWhole) this.#held = Buffer.concat([held, bytes.subarray(0, this.#longest - held.length)]);
  }
}

function isBlank(bytes: Buffer): boolean {
  return lineStart(bytes, 0) === bytes.length;
}

function usualBytes({ method = "", url = "", rawHeaders }: IncomingMessage): number {
  let bytes = method.length + url.length + fixedBytes;
  // ": " and the end of the line
  for (let at = 0; at < rawHeaders.length; at += 2) {
    bytes += (rawHeaders[at] as string).length + (rawHeaders[at + 1] as string).length + 4;
  }
  return bytes;
}

/** Of a body that the parser finds no fault with; not a number when it does not end here. */
function chunkedEnd(bytes: Buffer, from: number): number {
  for (let at = from; ;) {
    const lineEnd = bytes.indexOf("\r\n", at);
    if (lineEnd < 0) return Number.NaN;
    const size = Number.parseInt(bytes.toString("latin1", at, Math.min(lineEnd, at + 16)), 16);
    if (size > 0) at = lineEnd + size + 4;
    else {
      // The fields behind the last chunk, or none: an empty line ends both.
      const end = bytes.indexOf(endOfHead, lineEnd);
      return end < 0 ? Number.NaN : end + endOfHead.length;
    }
  }
}

/** Behind the end of something, which may have come in the read before; -1 when there is none. */
function lineIn(bytes: Buffer, line: string): number {
  let at = bytes.indexOf(line, 0, "latin1");
  while (at >= endOfHead.length && bytes.toString("latin1", at - endOfHead.length, at) !== endOfHead) {
    at = bytes.indexOf(line, at + 1, "latin1");
  }
  return at;
}

/** Empty lines may stand before it. @see RFC 9112 §2.2 */
function isAt(bytes: Buffer, from: number, line: string): boolean {
  const start = lineStart(bytes, from);
  return bytes.toString("latin1", start, start + line.length) === line;
}

function lineStart(bytes: Buffer, from: number): number {
  let at = from;
  while (bytes[at] === carriageReturn || bytes[at] === lineFeed) at += 1;
  return at;
}
