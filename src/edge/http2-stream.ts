import { Buffer } from "node:buffer";
import { errorCode, frameFlag, frameType, largestWindow, maxPayload } from "#wire/http2/frame-names.ts";
import type { FrameWriter } from "#wire/http2/frame-writer.ts";
import type { HeaderEncoder } from "#wire/http2/header-encoder.ts";
import { giveMemory, pieceBytes, takeMemory } from "#wire/piece-memory.ts";
import { IncomingBody } from "./http1-incoming.ts";

/** What a stream may send before it has been taken: as much as the client's reader needs to go on. */
export const receiveWindow: number = 256 * 1024;
/** Held for a client that takes nothing, before the writer is told to wait: less where many streams do so. */
const roomyBytes = 64 * 1024;
const crowdedBytes = 16 * 1024;
const crowd = 32;

/** Whoever answers the request of a stream. */
export interface StreamUser {
  /** More may be written. */
  drained(): void;
  /** The whole response has been handed to the system. */
  finished(): void;
  /** Nothing more is read or written on it. */
  closed(): void;
}

/** The connection, as its streams see it. */
export interface StreamOwner {
  readonly encoder: HeaderEncoder;
  /** What the client takes on all streams together. */
  sendWindow: number;
  readonly streamCount: number;
  /** It has something to send. */
  ready(stream: Http2Stream): void;
  /** Its part of a write has been written, and is to be told when that is done. */
  wrote(stream: Http2Stream): void;
  /** There is room for more of it again. */
  roomy(stream: Http2Stream): void;
  /** A reset, of one that is over by now. */
  sendReset(stream: Http2Stream, code: number): void;
  sendWindowUpdate(stream: Http2Stream, bytes: number): void;
  /** Both sides have ended, or one has reset it. */
  over(stream: Http2Stream, wasReset: boolean): void;
}

/** What came of a stream's turn to write. */
export const idle = 0;
export const hasMore = 1;
/** It has more, and the connection's window is shut. */
export const isHeldUp = 2;

/** One request and its response on a connection: what has come of the one, and what is to be sent of the other. */
export class Http2Stream {
  readonly id: number;
  user: StreamUser | null = null;
  /** Null: the request has none, or nobody wants it. */
  body: IncomingBody | null = null;
  /** Bytes of the body that are still to come as its length says; -1: it does not. */
  expected = -1;
  trailers: readonly string[] | null = null;
  /** The client's END_STREAM has come. */
  hasEnded: boolean;
  /** Either side has broken it off. */
  isReset = false;
  /** It waits for its turn to write. */
  isQueued = false;
  /** What is left of a request is not waited for once its response is whole. @see RFC 9113 §8.1 */
  dropsRest = true;
  /** Something has been written since this was last cleared. */
  hasProgressed = false;
  sendWindow: number;
  readonly #owner: StreamOwner;
  #receiveWindow = receiveWindow;
  #interim: string[][] | null = null;
  #head: string[] | null = null;
  #headEnds = false;
  #isHeadWritten = false;
  readonly #chunks: Uint8Array[] = [];
  /** Of chunks that lie in memory which is used again. */
  #memories: Map<Uint8Array, Buffer> | null = null;
  /** Of the first chunk, what has been sent. */
  #sent = 0;
  #queued = 0;
  #ended = false;
  #trailers: string[] | null = null;
  /** END_STREAM has been written. */
  #isDone = false;
  #isWritten = false;
  #isBlocked = false;

  constructor(owner: StreamOwner, id: number, sendWindow: number, hasEnded: boolean) {
    this.#owner = owner;
    this.id = id;
    this.sendWindow = sendWindow;
    this.hasEnded = hasEnded;
  }

  get headSent(): boolean {
    return this.#head !== null || this.#isHeadWritten;
  }

  /** Nothing that is written has an effect any more. */
  get isOver(): boolean {
    return this.isReset || (this.#isDone && this.hasEnded);
  }

  /** @param length of the body as the request says it, or undefined */
  receive(length: number | undefined): IncomingBody {
    this.expected = length ?? -1;
    this.body = new IncomingBody(() => this.#credit());
    return this.body;
  }

  /** A DATA frame of this length begins. @returns false: the client was not let send so much */
  counts(length: number): boolean {
    this.#receiveWindow -= length;
    return this.#receiveWindow >= 0;
  }

  /** @returns false: it is longer than the request said */
  take(piece: Buffer): boolean {
    if (this.expected >= 0) {
      if (piece.length > this.expected) return false;
      this.expected -= piece.length;
    }
    this.body?.push(piece);
    this.#credit();
    return true;
  }

  /** The client's END_STREAM. @returns false: the body is shorter than the request said */
  end(trailers: readonly string[] | null): boolean {
    if (this.expected > 0) return false;
    this.hasEnded = true;
    this.trailers = trailers;
    this.body?.push(null);
    if (!this.#isDone) return true;
    this.#owner.over(this, false);
    this.#settle();
    return true;
  }

  /** What has come and was not read. */
  get unread(): number {
    return this.body?.readableLength ?? 0;
  }

  /** What has been read may be sent again, in large steps. Nobody reads the body of a request that is refused. */
  #credit(): void {
    if (this.body === null || this.hasEnded || this.isReset) return;
    const bytes = receiveWindow - this.#receiveWindow - this.body.readableLength;
    if (bytes < receiveWindow / 2) return;
    this.#receiveWindow += bytes;
    this.#owner.sendWindowUpdate(this, bytes);
  }

  /** @param fields prepared */
  informational(fields: string[]): void {
    if (this.isOver || this.headSent) return;
    this.#interim ??= [];
    this.#interim.push(fields);
    this.#owner.ready(this);
  }

  /** @param fields prepared @param isAll there is no body */
  respond(fields: string[], isAll: boolean): void {
    if (this.isOver || this.headSent) return;
    this.#head = fields;
    this.#headEnds = isAll;
    this.#owner.ready(this);
  }

  /** @returns false: wait for `drained` */
  write(chunk: Uint8Array): boolean {
    if (this.isOver || this.#ended) return true;
    this.#add(chunk);
    this.#owner.ready(this);
    if (this.#queued < this.#mark) return true;
    this.#isBlocked = true;
    return false;
  }

  /** As {@link write}; the memory is the caller's again when it returns. */
  writeLent(chunk: Uint8Array): boolean {
    if (chunk.length > pieceBytes) return this.write(Buffer.from(chunk));
    if (this.isOver || this.#ended) return true;
    const memory = takeMemory();
    memory.set(chunk);
    const kept = memory.subarray(0, chunk.length);
    this.#memories ??= new Map();
    this.#memories.set(kept, memory);
    return this.write(kept);
  }

  /** @param trailers prepared */
  finish(last: Uint8Array | null, trailers: string[] | null): void {
    if (this.isReset || this.#ended) return;
    this.#ended = true;
    if (!this.#isDone) {
      this.#trailers = trailers;
      if (last !== null) this.#add(last);
    } else if (this.#isWritten) this.#settle();
    if (!this.isOver) this.#owner.ready(this);
  }

  #add(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    this.#chunks.push(chunk);
    this.#queued += chunk.length;
  }

  get #mark(): number {
    return this.#owner.streamCount > crowd ? crowdedBytes : roomyBytes;
  }

  /** Breaks it off: what has not been sent is dropped. */
  reset(code: number): void {
    if (this.isOver) return;
    this.#drop();
    this.#owner.sendReset(this, code);
    this.#owner.over(this, true);
    // Whoever breaks it off is still at work.
    process.nextTick(() => this.user?.closed());
  }

  /** The client has broken it off, or the connection is gone. */
  broken(): void {
    this.#drop();
    this.user?.closed();
  }

  #drop(): void {
    this.isReset = true;
    this.#interim = null;
    this.#head = null;
    for (const chunk of this.#chunks) this.#giveBack(chunk);
    this.#chunks.length = 0;
    this.#queued = 0;
    this.body?.destroy();
  }

  /** The client takes more. @returns false: more than a window can be */
  widen(bytes: number): boolean {
    this.sendWindow += bytes;
    if (this.sendWindow > largestWindow) return false;
    if (this.#queued > 0 && this.sendWindow > 0) this.#owner.ready(this);
    return true;
  }

  /** Its turn: what is to be sent first, and of the body one frame. */
  emit(writer: FrameWriter): number {
    if (this.isReset) return idle;
    if (this.#interim !== null || this.#head !== null) this.#emitHeads(writer);
    if (this.#queued > 0) return this.#emitData(writer);
    if (this.#ended && this.#isHeadWritten) this.#emitEnd(writer);
    return idle;
  }

  #emitHeads(writer: FrameWriter): void {
    const { encoder } = this.#owner;
    for (const fields of this.#interim ?? []) writer.headers(encoder, fields, 0, this.id);
    this.#interim = null;
    const head = this.#head;
    if (head === null) return;
    this.#head = null;
    this.#isHeadWritten = true;
    this.hasProgressed = true;
    const isAll = this.#headEnds || (this.#ended && this.#queued === 0 && this.#trailers === null);
    writer.headers(encoder, head, isAll ? frameFlag.endStream : 0, this.id);
    if (isAll) this.#done();
  }

  #emitData(writer: FrameWriter): number {
    const owner = this.#owner;
    const window = Math.min(this.sendWindow, owner.sendWindow);
    if (window <= 0) return this.sendWindow <= 0 ? idle : isHeldUp;
    const length = Math.min(this.#queued, window, maxPayload);
    const isLast = length === this.#queued && this.#ended && this.#trailers === null;
    writer.head(length, frameType.data, isLast ? frameFlag.endStream : 0, this.id);
    this.#putChunks(writer, length);
    this.sendWindow -= length;
    owner.sendWindow -= length;
    this.hasProgressed = true;
    if (isLast) this.#done();
    if (this.#isBlocked && !this.#ended && this.#queued < crowdedBytes) {
      this.#isBlocked = false;
      owner.roomy(this);
    }
    if (this.#queued > 0) return hasMore;
    if (this.#ended) this.#emitEnd(writer);
    return idle;
  }

  #putChunks(writer: FrameWriter, length: number): void {
    let left = length;
    let used = 0;
    while (left > 0) {
      const chunk = this.#chunks[used] as Uint8Array;
      const to = Math.min(chunk.length, this.#sent + left);
      writer.put(chunk, this.#sent, to);
      left -= to - this.#sent;
      this.#sent = to;
      if (to < chunk.length) break;
      this.#sent = 0;
      used += 1;
      if (this.#memories !== null) this.#giveBack(chunk);
    }
    this.#queued -= length;
    if (used > 0) this.#chunks.splice(0, used);
  }

  #giveBack(chunk: Uint8Array): void {
    const memory = this.#memories?.get(chunk);
    if (memory === undefined) return;
    this.#memories?.delete(chunk);
    giveMemory(memory);
  }

  /** There is no more data. */
  #emitEnd(writer: FrameWriter): void {
    if (!this.#isDone) {
      if (this.#trailers === null) writer.head(0, frameType.data, frameFlag.endStream, this.id);
      else writer.headers(this.#owner.encoder, this.#trailers, frameFlag.endStream, this.id);
      this.#done();
    }
    if (this.hasEnded || !this.dropsRest || this.isReset) return;
    writer.reset(this.id, errorCode.none);
    this.isReset = true;
    this.#owner.over(this, true);
  }

  #done(): void {
    this.#isDone = true;
    this.#owner.wrote(this);
    if (this.hasEnded) this.#owner.over(this, false);
  }

  /** What was written with its END_STREAM is with the system. */
  written(): void {
    this.#isWritten = true;
    this.#settle();
  }

  #settle(): void {
    if (!this.#isWritten) return;
    if (this.#ended) this.user?.finished();
    if (this.hasEnded) this.user?.closed();
  }

  drained(): void {
    if (!this.isOver) this.user?.drained();
  }
}
