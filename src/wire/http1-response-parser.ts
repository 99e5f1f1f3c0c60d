import { ChunkReader, type ChunkLimits } from "./http1-chunks.ts";
import { parseFields } from "./http1-fields.ts";
import { chunkedBody, decideFraming, untilClose, type Framing } from "./http1-framing.ts";
import { Section } from "./http1-section.ts";
import { parseStatusLine } from "./http1-status-line.ts";
import { RememberedHead } from "./remembered-head.ts";

export interface ResponseLimits extends ChunkLimits {
  /** Status line and fields together, in bytes. */
  readonly headerBytes: number;
  readonly headerCount: number;
  readonly trailerBytes: number;
  /** Interim (1xx) responses before the final one. */
  readonly interim: number;
}

export const defaultResponseLimits: ResponseLimits = {
  headerBytes: 64 * 1024,
  headerCount: 200,
  trailerBytes: 8 * 1024,
  interim: 16,
  extensionBytes: 256,
  extensionTotal: 16 * 1024,
};

export interface ResponseHead {
  readonly status: number;
  readonly statusText: string;
  /** Flat `[name, value, …]`, as received. */
  readonly fields: string[];
  readonly framing: Framing;
}

/** Where the parts of a response go, as soon as they are read. */
export interface ResponseHandler {
  interim(status: number, fields: string[]): void;
  head(head: ResponseHead): void;
  /** A part of the buffer given to `push`, not a copy. */
  data(chunk: Buffer): void;
}

const idle = 0;
const inHead = 1;
const inLength = 2;
const inClose = 3;
const inChunks = 4;
const inTrailers = 5;
const complete = 6;
const malformed = 7;
const stopped = 8;

const headEnd = Buffer.from("\r\n\r\n", "latin1");
/** Fields that would change the framing or the destination after the fact. @see RFC 9110 §6.5.1 */
const forbiddenTrailers: ReadonlySet<string> = new Set(["content-length", "transfer-encoding", "host"]);

/**
 * Incremental reader of HTTP/1.1 responses, one after another on a connection. Strict where readers could differ;
 * see `http1-fields.ts`, `http1-framing.ts`, `http1-chunks.ts` for what is refused.
 */
export class ResponseParser {
  readonly #limits: ResponseLimits;
  readonly #section = new Section();
  readonly #chunks: ChunkReader;
  /** Of a final response that may have a body: what comes of others depends on the request. */
  readonly #last = new RememberedHead<ResponseHead>();
  #state = idle;
  #handler: ResponseHandler | null = null;
  #bodyless = false;
  #upgrade = false;
  #left = 0;
  #interim = 0;
  /** What is wrong, once {@link isMalformed}. */
  problem: string | null = null;
  /** Of the complete response, or null. */
  trailers: string[] | null = null;
  /** Any byte of a response has come since `begin`. */
  started = false;

  constructor(limits: ResponseLimits = defaultResponseLimits) {
    this.#limits = limits;
    this.#chunks = new ChunkReader(limits);
  }

  /** Expect a response. `bodyless`: to HEAD. `upgrade`: it may be a 101, which has what follows for its body. */
  begin(handler: ResponseHandler, bodyless: boolean, upgrade = false): void {
    this.#state = inHead;
    this.#handler = handler;
    this.#bodyless = bodyless;
    this.#upgrade = upgrade;
    this.#interim = 0;
    this.problem = null;
    this.trailers = null;
    this.started = false;
    this.#section.clear();
  }

  /** No further call to the handler. */
  stop(): void {
    this.#state = stopped;
    this.#handler = null;
    this.#last.forget();
  }

  get isComplete(): boolean {
    return this.#state === complete;
  }

  get isMalformed(): boolean {
    return this.#state === malformed;
  }

  /** The final head has been handed over. */
  get headRead(): boolean {
    return this.#state >= inLength && this.#state <= complete;
  }

  /**
   * Reads on until the response is complete, malformed, stopped, or the bytes are used up.
   * @returns how many bytes were used; fewer than given means surplus after a complete response.
   */
  push(bytes: Buffer): number {
    this.started ||= bytes.length > 0;
    let at = 0;
    while (at < bytes.length && this.#state < complete) at = this.#step(bytes, at);
    return at;
  }

  /**
   * The sender has closed its side.
   * @returns true when that ends the response as it should.
   */
  finish(): boolean {
    if (this.#state === inClose) this.#state = complete;
    return this.#state === complete;
  }

  #step(bytes: Buffer, at: number): number {
    switch (this.#state) {
      case inHead:
        return this.#readHead(bytes, at);
      case inLength:
        return this.#readLength(bytes, at);
      case inChunks:
        return this.#readChunk(bytes, at);
      case inTrailers:
        return this.#readTrailers(bytes, at);
      case inClose:
        this.#handler?.data(at === 0 ? bytes : bytes.subarray(at));
        return bytes.length;
      default:
        throw new Error("bytes were pushed while no response is expected");
    }
  }

  #readHead(bytes: Buffer, at: number): number {
    const { headerBytes } = this.#limits;
    if (this.#section.isEmpty) {
      const end = bytes.indexOf(headEnd, at);
      if (end >= 0) {
        if (end - at > headerBytes) return this.#refuse("section too large", at);
        this.#wholeHead(bytes, at, end + 4);
        return end + 4;
      }
    }
    const next = this.#section.take(bytes, at, headerBytes);
    if (next >= 0) {
      this.#final(this.#headText(this.#section.text(0)));
      return next;
    }
    if (this.#section.problem !== null) return this.#refuse(this.#section.problem, at);
    // Told before anything that looks like the end of a section comes: perhaps nothing will.
    if (!this.#section.mayBegin("HTTP/1.")) return this.#refuse("not HTTP/1", at);
    return bytes.length;
  }

  #wholeHead(bytes: Buffer, at: number, end: number): void {
    const plain = !this.#bodyless && !this.#upgrade;
    const last = plain ? this.#last.find(bytes, at, end) : null;
    if (last !== null) return this.#final({ ...last, fields: last.fields.slice() });
    const head = this.#headText(bytes.toString("latin1", at, end - 2));
    if (head !== null && plain) this.#last.keep(bytes, at, end, { ...head, fields: head.fields.slice() });
    this.#final(head);
  }

  /** @returns the final head; null for an interim one, and when it is refused */
  #headText(text: string): ResponseHead | null {
    const line = parseStatusLine(text);
    if (typeof line === "string") return this.#malformed(line);
    const fields: string[] = [];
    const wrong = parseFields(text, line.length, this.#limits.headerCount, fields);
    if (wrong !== null) return this.#malformed(wrong);
    const framing = decideFraming(line.status, line.minor, fields, this.#bodyless);
    if (typeof framing === "string") return this.#malformed(framing);
    const switches = line.status === 101 && this.#upgrade;
    if (line.status < 200 && !switches) return this.#interimHead(line.status, fields);
    const followed = switches ? { ...framing, body: untilClose, keepAlive: false } : framing;
    return { status: line.status, statusText: line.statusText, fields, framing: followed };
  }

  #final(head: ResponseHead | null): void {
    if (head === null) return;
    this.#enterBody(head.framing.body);
    this.#handler?.head(head);
  }

  #interimHead(status: number, fields: string[]): null {
    this.#interim += 1;
    // 101 was never asked for: going on would let the upstream speak another protocol to this client.
    if (status === 101) return this.#malformed("unexpected switch of protocols");
    if (this.#interim > this.#limits.interim) return this.#malformed("too many interim responses");
    this.#handler?.interim(status, fields);
    return null;
  }

  #enterBody(body: number): void {
    this.#left = body;
    if (body === 0) this.#state = complete;
    else if (body === chunkedBody) {
      this.#chunks.reset();
      this.#state = inChunks;
    } else this.#state = body === untilClose ? inClose : inLength;
  }

  #readLength(bytes: Buffer, at: number): number {
    const end = Math.min(bytes.length, at + this.#left);
    this.#left -= end - at;
    if (this.#left === 0) this.#state = complete;
    this.#handler?.data(at === 0 && end === bytes.length ? bytes : bytes.subarray(at, end));
    return end;
  }

  #readChunk(bytes: Buffer, at: number): number {
    const chunks = this.#chunks;
    const next = chunks.next(bytes, at);
    if (chunks.dataEnd > chunks.dataStart) this.#handler?.data(bytes.subarray(chunks.dataStart, chunks.dataEnd));
    if (this.#state !== inChunks) return next;
    if (chunks.problem !== null) return this.#refuse(chunks.problem, next);
    if (chunks.finished) {
      this.#section.openAfterLine();
      this.#state = inTrailers;
    }
    return next;
  }

  #readTrailers(bytes: Buffer, at: number): number {
    const next = this.#section.take(bytes, at, this.#limits.trailerBytes);
    if (next < 0) return this.#section.problem === null ? bytes.length : this.#refuse(this.#section.problem, at);
    const text = this.#section.text(2);
    if (text.length > 0) this.#trailerText(text);
    if (this.#state === inTrailers) this.#state = complete;
    return next;
  }

  #trailerText(text: string): void {
    const fields: string[] = [];
    const wrong = parseFields(text, 0, this.#limits.headerCount, fields);
    if (wrong !== null) return void this.#malformed(wrong);
    for (let at = 0; at < fields.length; at += 2) {
      if (forbiddenTrailers.has((fields[at] as string).toLowerCase())) return void this.#malformed("forbidden trailer");
    }
    this.trailers = fields;
  }

  #refuse(problem: string, at: number): number {
    this.#malformed(problem);
    return at;
  }

  #malformed(problem: string): null {
    this.#state = malformed;
    this.problem ??= problem;
    this.#handler = null;
    return null;
  }
}
