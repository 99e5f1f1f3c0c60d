import { Buffer } from "node:buffer";
import { writeLent } from "#wire/write-lent.ts";
import type { Http1Connection } from "./http1-connection.ts";
import { writeHead } from "./http1-response-head.ts";

/** Whoever answers a request. */
export interface Responder {
  /** The whole response has been handed to the system. */
  finished(): void;
  /** More may be written. */
  drained(): void;
}

/** Bytes that go out in one string with the head. */
export const joinedBytes: number = 8 * 1024;
/** Held at most for a response that waits for others to be whole before its writer is told to wait. */
const heldBytes = 64 * 1024;

/** The response to one request, as bytes: in its turn on the connection, held back until then. */
export class Http1Response {
  readonly isHead: boolean;
  readonly minor: number;
  /** The connection stays open behind it, as far as the client is concerned. */
  keepAlive: boolean;
  headSent = false;
  /** All of it has been written, or is held for its turn. */
  ended = false;
  responder: Responder | null = null;
  readonly #connection: Http1Connection;
  #isChunked = false;
  /** Written with what comes next. */
  #text = "";
  #held: (string | Uint8Array)[] | null = null;
  #heldBytes = 0;
  #isBlocked = false;

  constructor(connection: Http1Connection, isHead: boolean, minor: number, keepAlive: boolean) {
    this.#connection = connection;
    this.isHead = isHead;
    this.minor = minor;
    this.keepAlive = keepAlive;
  }

  get isCurrent(): boolean {
    return this.#connection.current === this;
  }

  /** @throws GatewayError `internal` for fields that cannot be written */
  informational(status: number, fields: readonly string[]): void {
    if (!this.headSent) this.#put(`${writeHead(status, null, fields)}\r\n`, null);
  }

  /**
   * Nothing goes out yet. Adds Date when it is missing, and what becomes of the connection.
   *
   * @param fields without Connection
   * @param closes the connection ends behind this response
   * @throws GatewayError `internal` for fields that cannot be written; another head may be sent then
   */
  head(
    status: number,
    statusText: string | null,
    fields: readonly string[],
    closes: boolean,
    isChunked: boolean,
  ): void {
    const text = writeHead(status, statusText, fields);
    const date = hasDate(fields) ? "" : `Date: ${this.#connection.context.date.text()}\r\n`;
    this.keepAlive &&= !closes;
    this.#isChunked = isChunked;
    const after = this.keepAlive ? this.#connection.keepAliveFields : "Connection: close\r\n";
    this.#text = `${text}${date}${after}${isChunked ? "Transfer-Encoding: chunked\r\n" : ""}\r\n`;
    this.headSent = true;
  }

  flushHead(): void {
    if (this.#text !== "") this.#put("", null);
  }

  /** @returns false: wait for `drained` */
  write(chunk: Uint8Array): boolean {
    if (!this.#isChunked) return this.#put("", chunk);
    return this.#put(`${chunk.byteLength.toString(16)}\r\n`, chunk, "\r\n");
  }

  /** As {@link write}; the memory is the caller's again when it returns. */
  writeLent(chunk: Uint8Array): boolean {
    if (!this.isCurrent) return this.write(Buffer.from(chunk));
    const size = this.#isChunked ? `${chunk.byteLength.toString(16)}\r\n` : "";
    const before = this.#text + size;
    this.#text = "";
    const isRoomy = writeLent(this.#connection.socket, before, chunk, this.#isChunked ? "\r\n" : "");
    if (!isRoomy) this.#isBlocked = true;
    return isRoomy;
  }

  /** @param trailers lines behind the last chunk, each with its end */
  end(chunk: Uint8Array | null, trailers: string): void {
    const bytes = chunk === null || chunk.byteLength === 0 ? null : chunk;
    const last = this.#isChunked ? `0\r\n${trailers}\r\n` : "";
    this.ended = true;
    const size = this.#isChunked && bytes !== null ? `${bytes.byteLength.toString(16)}\r\n` : "";
    this.#put(size, bytes, size === "" ? last : `\r\n${last}`);
  }

  /** A whole response that nobody else writes; the connection ends behind it. */
  answer(status: number, fields: readonly string[], body: Uint8Array | null): void {
    // Whoever asked may be gone by now.
    if (this.headSent || this.#connection.isGone) return;
    this.head(status, null, [...fields, "Content-Length", String(body?.byteLength ?? 0)], true, false);
    this.end(this.isHead ? null : body, "");
  }

  /** Its turn has come. */
  becomeCurrent(): void {
    const held = this.#held ?? [];
    this.#held = null;
    this.#heldBytes = 0;
    const isRoomy = this.#connection.writeAll(held, this.ended);
    if (this.#isBlocked && isRoomy && !this.ended) this.drained();
  }

  drained(): void {
    if (!this.#isBlocked) return;
    this.#isBlocked = false;
    this.responder?.drained();
  }

  #put(before: string, bytes: Uint8Array | null, behind = ""): boolean {
    const text = this.#text + before;
    this.#text = "";
    const isRoomy = this.isCurrent ? this.#send(text, bytes, behind) : this.#hold(text, bytes, behind);
    if (!isRoomy) this.#isBlocked = true;
    return isRoomy;
  }

  #send(text: string, bytes: Uint8Array | null, behind: string): boolean {
    if (bytes === null) return this.#connection.write(text + behind, this.ended);
    if (text === "" && behind === "") return this.#connection.write(bytes, this.ended);
    if (bytes.byteLength > joinedBytes) return this.#connection.writeAll([text, bytes, behind], this.ended);
    return this.#connection.write(text + latin1Of(bytes) + behind, this.ended);
  }

  #hold(text: string, bytes: Uint8Array | null, behind: string): boolean {
    this.#held ??= [];
    this.#held.push(text, ...(bytes === null ? [] : [bytes]), behind);
    this.#heldBytes += text.length + behind.length + (bytes?.byteLength ?? 0);
    return this.#heldBytes < heldBytes;
  }
}

function latin1Of(bytes: Uint8Array): string {
  const whole = bytes instanceof Buffer ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return whole.toString("latin1");
}

function hasDate(fields: readonly string[]): boolean {
  for (let at = 0; at < fields.length; at += 2) {
    const name = fields[at] as string;
    if (name.length === 4 && name.toLowerCase() === "date") return true;
  }
  return false;
}
