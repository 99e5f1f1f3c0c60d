import type { Refusal } from "#model/decision.ts";
import { ChunkReader } from "#wire/http1-chunks.ts";
import { parseFields } from "#wire/http1-fields.ts";
import { chunkedBody } from "#wire/http1-framing.ts";
import { Section } from "#wire/http1-section.ts";
import { RememberedHead } from "#wire/remembered-head.ts";
import { judgeBeginning, parseRequestLine } from "./http1-request-line.ts";
import { malformed, refusals } from "./refusals.ts";

export interface RequestLimits {
  /** Request line and fields together, in bytes; as many again for the fields behind a body. */
  readonly headerBytes: number;
  readonly headerCount: number;
}

/** A head as it was sent. */
export interface RequestHead {
  readonly method: string;
  readonly target: string;
  /** Minor version: 0 or 1. */
  readonly minor: number;
  /** Flat `[name, value, …]`, as received. */
  readonly fields: string[];
}

/** Instead of the length of a body: what follows is not for the parser. */
export const noMore = -3;

/** Where the parts of requests go, as soon as they are read. */
export interface RequestHandler {
  /** @returns what follows: a body of so many bytes (0: none), {@link chunkedBody}, or {@link noMore} */
  head(head: RequestHead): number;
  /** A part of the buffer given to `push`, not a copy. */
  data(chunk: Buffer): void;
  /** The request is whole. Trailers flat, or null. */
  end(trailers: string[] | null): void;
}

const between = 0;
const inHead = 1;
const inLength = 2;
const inChunks = 3;
const inTrailers = 4;
const stopped = 5;

const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const headEnd = Buffer.from("\r\n\r\n", "latin1");
/** Empty lines before a request line. @see RFC 9112 §2.2 */
const maxEmptyLines = 8;
const chunkLimits = { extensionBytes: 1024, extensionTotal: 16 * 1024 };
/** Fields that would change framing, destination or connection after the fact: readers differ. @see RFC 9110 §6.5.1 */
const forbiddenTrailers: ReadonlySet<string> = new Set([
  "connection",
  "content-length",
  "host",
  "transfer-encoding",
  "upgrade",
]);

/**
 * Incremental reader of HTTP/1.x requests, one after another on a connection, however their bytes are cut. Strict where
 * readers could differ; `http1-request-line.ts`, `http1-fields.ts` and `http1-chunks.ts` say what is refused. What body
 * follows a head is for the handler to decide: there is one judgement of a message's framing.
 *
 * @see RFC 9112
 */
export class RequestParser {
  readonly #handler: RequestHandler;
  readonly #limits: () => RequestLimits;
  readonly #section = new Section();
  readonly #chunks = new ChunkReader(chunkLimits);
  #state = between;
  #left = 0;
  #emptyLines = 0;
  #returnSeen = false;
  readonly #last = new RememberedHead<RequestHead>();
  /** What is wrong, once something is. */
  refusal: Refusal | null = null;

  constructor(handler: RequestHandler, limits: () => RequestLimits) {
    this.#handler = handler;
    this.#limits = limits;
  }

  /** Nothing of a request has come since the last one was whole. */
  get isBetween(): boolean {
    return this.#state === between;
  }

  get isInHead(): boolean {
    return this.#state === inHead;
  }

  get isInBody(): boolean {
    return this.#state > inHead && this.#state < stopped;
  }

  /** Bytes that come next and are nothing but body. */
  get owed(): number {
    return this.#state === inLength ? this.#left : 0;
  }

  get isStopped(): boolean {
    return this.#state === stopped;
  }

  /** No further call to the handler. */
  stop(): void {
    this.#state = stopped;
    this.#last.forget();
  }

  /** @returns how many bytes were used; fewer than given when the handler wants no more, or the rest is refused */
  push(bytes: Buffer): number {
    let at = 0;
    while (at < bytes.length && this.#state !== stopped) at = this.#step(bytes, at);
    return at;
  }

  /**
   * As {@link push}, for memory that may change as soon as the handler is told of something: takes one head that comes alone,
   * or nothing but body.
   * @returns false: nothing was done, and `push` wants the same bytes in memory that stays
   */
  pushLent(bytes: Buffer): boolean {
    if (bytes.length <= this.owed) this.#readLength(bytes, 0);
    else if (this.#isLoneHead(bytes)) {
      this.#state = inHead;
      this.#wholeHead(bytes, 0, bytes.length);
    } else return false;
    return true;
  }

  #isLoneHead(bytes: Buffer): boolean {
    const end = bytes.length - headEnd.length;
    if (this.#state !== between || this.#returnSeen || end <= 0) return false;
    if (bytes[0] === carriageReturn || bytes[0] === lineFeed || end > this.#limits().headerBytes) return false;
    return bytes.indexOf(headEnd) === end;
  }

  #step(bytes: Buffer, at: number): number {
    switch (this.#state) {
      case between:
        return this.#skipEmptyLines(bytes, at);
      case inHead:
        return this.#readHead(bytes, at);
      case inLength:
        return this.#readLength(bytes, at);
      case inChunks:
        return this.#readChunk(bytes, at);
      default:
        return this.#readTrailers(bytes, at);
    }
  }

  #skipEmptyLines(bytes: Buffer, from: number): number {
    let at = from;
    for (let byte = bytes[at]; byte === lineFeed || byte === carriageReturn; byte = bytes[at]) {
      if ((byte === lineFeed) !== this.#returnSeen) return this.#refuse(malformed("bare line end"), at);
      this.#returnSeen = byte === carriageReturn;
      if (byte === lineFeed) this.#emptyLines += 1;
      at += 1;
    }
    if (this.#emptyLines > maxEmptyLines) return this.#refuse(malformed("empty lines"), at);
    if (at === bytes.length) return at;
    if (this.#returnSeen) return this.#refuse(malformed("bare carriage return"), at);
    this.#emptyLines = 0;
    this.#state = inHead;
    return at;
  }

  #readHead(bytes: Buffer, at: number): number {
    const { headerBytes } = this.#limits();
    if (this.#section.isEmpty) {
      const end = bytes.indexOf(headEnd, at);
      if (end >= 0) {
        if (end - at > headerBytes) return this.#refuse(refusals.headerBytes, at);
        this.#wholeHead(bytes, at, end + 4);
        return end + 4;
      }
    }
    const next = this.#section.take(bytes, at, headerBytes);
    if (next >= 0) {
      const head = this.#headOf(this.#section.text(0));
      if (head !== null) this.#enterBody(this.#handler.head(head));
      return next;
    }
    const { problem } = this.#section;
    const begun = judgeBeginning(this.#section.beginning(64));
    const refusal = begun ?? (problem === null ? null : sectionRefusal(problem));
    return refusal === null ? bytes.length : this.#refuse(refusal, at);
  }

  #wholeHead(bytes: Buffer, at: number, end: number): void {
    const last = this.#last.find(bytes, at, end);
    if (last !== null) {
      const { method, target, minor, fields } = last;
      return this.#enterBody(this.#handler.head({ method, target, minor, fields: fields.slice() }));
    }
    const head = this.#headOf(bytes.toString("latin1", at, end - 2));
    if (head === null) return;
    const { method, target, minor, fields } = head;
    // Before anybody is told of it: the bytes may not last.
    this.#last.keep(bytes, at, end, { method, target, minor, fields: fields.slice() });
    this.#enterBody(this.#handler.head(head));
  }

  /** @returns null: it is refused */
  #headOf(text: string): RequestHead | null {
    const line = parseRequestLine(text);
    if ("reason" in line) return this.#refused(line);
    const fields: string[] = [];
    const wrong = parseFields(text, line.length, this.#limits().headerCount, fields);
    if (wrong !== null) return this.#refused(wrong === "too many fields" ? refusals.headerCount : malformed(wrong));
    const { method, target, minor } = line;
    return { method, target, minor, fields };
  }

  #enterBody(body: number): void {
    this.#left = body;
    // The handler may have stopped it meanwhile.
    if (this.#state === stopped) return;
    if (body === noMore) this.stop();
    else if (body === 0) this.#whole(null);
    else if (body === chunkedBody) {
      this.#chunks.reset();
      this.#state = inChunks;
    } else this.#state = inLength;
  }

  #whole(trailers: string[] | null): void {
    this.#state = between;
    this.#handler.end(trailers);
  }

  #readLength(bytes: Buffer, at: number): number {
    const end = Math.min(bytes.length, at + this.#left);
    this.#left -= end - at;
    this.#handler.data(bytes.subarray(at, end));
    if (this.#left === 0 && this.#state === inLength) this.#whole(null);
    return end;
  }

  #readChunk(bytes: Buffer, at: number): number {
    const chunks = this.#chunks;
    const next = chunks.next(bytes, at);
    if (chunks.dataEnd > chunks.dataStart) this.#handler.data(bytes.subarray(chunks.dataStart, chunks.dataEnd));
    if (this.#state !== inChunks) return next;
    if (chunks.problem !== null) return this.#refuse(malformed(chunks.problem), next);
    if (chunks.finished) {
      this.#section.openAfterLine();
      this.#state = inTrailers;
    }
    return next;
  }

  #readTrailers(bytes: Buffer, at: number): number {
    const next = this.#section.take(bytes, at, this.#limits().headerBytes);
    if (next >= 0) {
      this.#trailerText(this.#section.text(2));
      return next;
    }
    const { problem } = this.#section;
    return problem === null ? bytes.length : this.#refuse(sectionRefusal(problem), at);
  }

  #trailerText(text: string): void {
    if (text.length === 0) return this.#whole(null);
    const fields: string[] = [];
    const wrong = parseFields(text, 0, this.#limits().headerCount, fields);
    if (wrong !== null) return void this.#refused(malformed(wrong));
    for (let at = 0; at < fields.length; at += 2) {
      if (forbiddenTrailers.has((fields[at] as string).toLowerCase()))
        return void this.#refused(malformed("forbidden trailer"));
    }
    return this.#whole(fields);
  }

  #refuse(refusal: Refusal, at: number): number {
    this.#refused(refusal);
    return at;
  }

  #refused(refusal: Refusal): null {
    this.stop();
    this.refusal = refusal;
    return null;
  }
}

function sectionRefusal(problem: string): Refusal {
  return problem === "section too large" ? refusals.headerBytes : malformed(problem);
}
