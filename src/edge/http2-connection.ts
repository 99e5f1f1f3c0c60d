import type { Buffer } from "node:buffer";
import type { Socket } from "node:net";
import { defaultWindow, errorCode, frameFlag, frameType, largestWindow, setting } from "#wire/http2/frame-names.ts";
import { type FrameHandler, FrameReader } from "#wire/http2/frame-reader.ts";
import { HeaderBlock } from "#wire/http2/header-block.ts";
import { type FieldBlock, HeaderDecoder } from "#wire/http2/header-decoder.ts";
import type { HeaderEncoder } from "#wire/http2/header-encoder.ts";
import { readSettings, type SettingsTaker } from "#wire/http2/peer-settings.ts";
import { hasPseudo, isRequest } from "#wire/http2/request-fields.ts";
import type { Connection } from "./connection.ts";
import type { EdgeContext } from "./context.ts";
import { Http2Meter } from "./http2-meter.ts";
import { Http2Output } from "./http2-output.ts";
import { Http2Stream, receiveWindow, type StreamOwner } from "./http2-stream.ts";
import { ResetMeter } from "./reset-meter.ts";
import type { Swept } from "./sweeper.ts";

/** Requests under way at once. */
const mostStreams = 100;
/** Of what clients may send on all streams before it has been taken. */
const connectionWindow = 1024 * 1024;
/** Of bodies that nobody reads yet: when so much has come on one connection, it brings no more. */
const mostUnread = 8 * 1024 * 1024;
/** `:method` and those like it, besides the fields that are counted. */
const pseudoFields = 8;
/** A header that is too large is read up to here, to be refused in words. */
const moreHeaderBytes = 16 * 1024;

/** What becomes of the requests of a connection. */
export interface Http2Owner {
  request(connection: Http2Connection, stream: Http2Stream, block: FieldBlock): void;
  /** The client does not speak HTTP/2, or makes work for its own sake. */
  malformed(connection: Http2Connection): void;
  tooManyResets(connection: Http2Connection): void;
  failed(connection: Http2Connection, error: NodeJS.ErrnoException): void;
  closed(connection: Http2Connection): void;
}

/** A client's connection that speaks HTTP/2. @see RFC 9113 */
export class Http2Connection implements FrameHandler, SettingsTaker, StreamOwner, Swept {
  readonly context: EdgeContext;
  readonly facts: Connection;
  readonly socket: Socket;
  readonly #owner: Http2Owner;
  readonly #reader: FrameReader;
  readonly #block: HeaderBlock;
  readonly #decoder: HeaderDecoder;
  readonly #output: Http2Output;
  readonly #streams = new Map<number, Http2Stream>();
  readonly #meter = new Http2Meter();
  readonly #resets: ResetMeter;
  /** Window of streams to come, as the client says. */
  #initialWindow = defaultWindow;
  #receiveWindow = connectionWindow;
  #credit = 0;
  /** The newest stream that the client has opened, and the newest that was taken. */
  #seen = 0;
  #taken = 0;
  #hasSettings = false;
  /** Of the DATA frame under way: its stream, unless nobody wants it. */
  #target: Http2Stream | null = null;
  #dataLength = 0;
  #isClosing = false;
  #isOver = false;
  /** Of monotonic time: since when nothing is under way, or a header has not been whole. */
  #since: number;
  #isTouched = false;

  constructor(context: EdgeContext, facts: Connection, owner: Http2Owner) {
    const { headerBytes, headerCount } = context.settings.limits;
    this.context = context;
    this.facts = facts;
    this.socket = facts.socket;
    this.#owner = owner;
    this.#reader = new FrameReader(this);
    this.#block = new HeaderBlock(headerBytes * 2 + moreHeaderBytes);
    this.#decoder = new HeaderDecoder({ bytes: headerBytes, fields: headerCount + pseudoFields });
    this.#output = new Http2Output(facts.socket);
    this.#resets = new ResetMeter(context.options.clock);
    this.#since = context.sweeper.now();
  }

  /** Begins to read, and says what there is room for. */
  open(): void {
    const { socket } = this;
    const { control } = this.#output;
    control.settings([
      [setting.maxConcurrentStreams, mostStreams],
      [setting.initialWindow, receiveWindow],
      [setting.maxHeaderListSize, this.context.settings.limits.headerBytes],
      [setting.enableConnect, 1],
    ]);
    control.windowUpdate(0, connectionWindow - defaultWindow);
    this.#output.wake();
    socket.on("data", (bytes: Buffer) => this.#read(bytes));
    // A stream ends its direction by a flag. A client that ends the connection's has gone: it must hold neither the
    // socket nor what is under way until they are idle for too long.
    socket.on("end", () => socket.destroy());
    socket.on("error", (error: NodeJS.ErrnoException) => this.#failed(error));
    socket.on("close", () => this.#closed());
    socket.resume();
  }

  get encoder(): HeaderEncoder {
    return this.#output.encoder;
  }

  get sendWindow(): number {
    return this.#output.window;
  }

  set sendWindow(bytes: number) {
    this.#output.window = bytes;
  }

  get streamCount(): number {
    return this.#streams.size;
  }

  /** GOAWAY: no new streams, those that are open go on to their end. */
  close(): void {
    if (this.#isClosing || this.#isOver) return;
    this.#isClosing = true;
    this.#output.control.goAway(this.#taken, errorCode.none);
    this.#output.wake();
    if (this.#streams.size === 0) this.#output.end();
  }

  /** Ends the connection at once, and says why. */
  end(code: number): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#reader.stop();
    this.#output.control.goAway(this.#taken, code);
    this.#output.breakOff();
    this.#breakStreams();
  }

  check(now: number, idleMs: number): void {
    this.facts.check(now, idleMs);
    if (this.#isOver) return;
    // Bodies may have been read without a word to their streams.
    this.#giveCredit();
    const { headersTimeoutMs, idleTimeoutMs } = this.context.settings.limits;
    const isInHead = this.#seen === 0 || this.#block.stream !== 0;
    if (!isInHead && (this.#isTouched || this.facts.active.size > 0)) this.#since = now;
    this.#isTouched = false;
    if (now - this.#since > (isInHead ? headersTimeoutMs : idleTimeoutMs)) this.end(errorCode.none);
  }

  ready(stream: Http2Stream): void {
    this.#output.ready(stream);
  }

  wrote(stream: Http2Stream): void {
    this.#output.wrote(stream);
  }

  roomy(stream: Http2Stream): void {
    this.#output.roomy(stream);
  }

  sendReset(stream: Http2Stream, code: number): void {
    this.#output.control.reset(stream.id, code);
    this.#output.wake();
  }

  sendWindowUpdate(stream: Http2Stream, bytes: number): void {
    this.#output.control.windowUpdate(stream.id, bytes);
    this.#output.wake();
    this.#giveCredit();
  }

  over(stream: Http2Stream, wasReset: boolean): void {
    if (!this.#streams.delete(stream.id)) return;
    if (wasReset) this.#meter.noteReset(stream.id);
    this.#isTouched = true;
    this.#giveCredit();
    if (this.#isClosing && this.#streams.size === 0) this.#output.end();
  }

  #read(bytes: Buffer): void {
    this.#reader.push(bytes);
    if (this.#output.control.isFull) this.socket.destroy();
    else if (this.#output.control.length > 0) this.#output.wake();
  }

  frame(type: number, flags: number, stream: number, bytes: Buffer, from: number, to: number): void {
    this.#isTouched = true;
    if (!this.#isExpected(type, flags, stream)) return this.malformed(errorCode.protocol);
    switch (type) {
      case frameType.headers:
        return this.#headers(flags, stream, bytes, from, to);
      case frameType.continuation:
        return this.#continuation(flags, bytes, from, to);
      case frameType.reset:
        return this.#reset(stream);
      case frameType.settings:
        return this.#settings(flags, bytes, from, to);
      case frameType.ping:
        if ((flags & frameFlag.ack) === 0) this.#output.control.pong(bytes, from);
        return undefined;
      case frameType.windowUpdate:
        return this.#windowUpdate(stream, bytes.readUInt32BE(from) & 0x7fff_ffff);
      case frameType.goAway:
        return this.close();
      default:
        // Priorities, which are only advice, and what later versions may add.
        return undefined;
    }
  }

  /** First of all SETTINGS, and within a header block nothing but the rest of it. */
  #isExpected(type: number, flags: number, stream: number): boolean {
    if (!this.#hasSettings) {
      this.#hasSettings = type === frameType.settings && (flags & frameFlag.ack) === 0;
      return this.#hasSettings;
    }
    const { stream: open } = this.#block;
    return open === 0 ? type !== frameType.continuation : type === frameType.continuation && stream === open;
  }

  #headers(flags: number, stream: number, bytes: Buffer, from: number, to: number): void {
    const problem = this.#block.begin(flags, stream, bytes, from, to);
    if (problem !== errorCode.none) return this.malformed(problem);
    if (this.#block.stream === 0) return this.#headerBlock(stream);
    // From here on it is a header that may be slow in coming.
    this.#since = this.context.sweeper.now();
    return undefined;
  }

  #continuation(flags: number, bytes: Buffer, from: number, to: number): void {
    const { stream } = this.#block;
    const problem = this.#block.continue(flags, bytes, from, to);
    if (problem !== errorCode.none) this.malformed(problem);
    else if (this.#block.stream === 0) this.#headerBlock(stream);
  }

  #headerBlock(id: number): void {
    const { bytes, from, to, isLast } = this.#block;
    const list = this.#decoder.decode(bytes, from, to);
    if (list === null) return this.malformed(errorCode.compression);
    const stream = this.#streams.get(id);
    if (stream !== undefined) return this.#trailers(stream, list, isLast);
    if ((id & 1) === 0) return this.malformed(errorCode.protocol);
    if (id <= this.#seen) return this.#isStray(id);
    this.#seen = id;
    return this.#open(id, list, isLast);
  }

  #open(id: number, list: FieldBlock, isLast: boolean): void {
    // Behind GOAWAY, which has said that it is not carried out.
    if (this.#isClosing) return this.#meter.noteReset(id);
    if (this.#streams.size >= mostStreams) return this.#decline(id, errorCode.refusedStream);
    if (!list.isTooLarge && !(list.isSound && isRequest(list.fields))) return this.#decline(id, errorCode.protocol);
    this.#taken = id;
    const stream = new Http2Stream(this, id, this.#initialWindow, isLast);
    this.#streams.set(id, stream);
    return this.#owner.request(this, stream, list);
  }

  #decline(id: number, code: number): void {
    this.#meter.noteReset(id);
    this.#output.control.reset(id, code);
    this.#offend();
  }

  #trailers(stream: Http2Stream, list: FieldBlock, isLast: boolean): void {
    if (stream.hasEnded) return this.malformed(errorCode.streamClosed);
    if (list.isTooLarge) return this.breakStream(stream, errorCode.calm);
    const isWhole = isLast && list.isSound && !hasPseudo(list.fields, 0) && stream.end(list.fields);
    if (!isWhole) this.breakStream(stream, errorCode.protocol);
    return undefined;
  }

  /** A stream's own error. */
  breakStream(stream: Http2Stream, code: number): void {
    stream.reset(code);
    this.#offend();
  }

  #offend(): void {
    if (this.#meter.offends()) this.malformed(errorCode.calm);
  }

  /** On a stream that is closed, or was never opened, which only a broken client sends to. */
  #isStray(id: number): void {
    if (id > this.#seen || (id & 1) === 0) this.malformed(errorCode.protocol);
    else if (!this.#meter.wasReset(id)) this.malformed(errorCode.streamClosed);
  }

  dataBegins(id: number, length: number): void {
    this.#isTouched = true;
    this.#dataLength = length;
    this.#target = null;
    if (!this.#hasSettings || this.#block.stream !== 0) return this.malformed(errorCode.protocol);
    this.#receiveWindow -= length;
    if (this.#receiveWindow < 0) return this.malformed(errorCode.flowControl);
    this.#credit += length;
    const stream = this.#streams.get(id);
    if (stream === undefined) this.#isStray(id);
    else if (stream.hasEnded) this.malformed(errorCode.streamClosed);
    else if (!stream.counts(length)) this.breakStream(stream, errorCode.flowControl);
    else this.#target = stream;
    this.#giveCredit();
    return undefined;
  }

  data(piece: Buffer): void {
    const stream = this.#target;
    if (stream === null || stream.isReset || stream.take(piece)) return;
    this.#target = null;
    this.breakStream(stream, errorCode.protocol);
  }

  dataEnds(isLast: boolean): void {
    const stream = this.#target;
    this.#target = null;
    // CVE-2019-9518
    if (this.#dataLength === 0 && !isLast) this.#offend();
    if (stream === null || stream.isReset || !isLast || stream.end(null)) return;
    this.breakStream(stream, errorCode.protocol);
  }

  /** For what has come, whether it was read or not, as long as little is unread; in large steps. */
  #giveCredit(): void {
    if (this.#credit < connectionWindow / 2) return;
    let unread = 0;
    for (const stream of this.#streams.values()) unread += stream.unread;
    if (unread > mostUnread) return;
    this.#output.control.windowUpdate(0, this.#credit);
    this.#output.wake();
    this.#receiveWindow += this.#credit;
    this.#credit = 0;
  }

  /** CVE-2023-44487: a client that opens and resets streams makes work without ever filling its allowance of them. */
  #reset(id: number): void {
    const stream = this.#streams.get(id);
    if (stream === undefined) {
      if (id > this.#seen || (id & 1) === 0) this.malformed(errorCode.protocol);
      return;
    }
    stream.broken();
    this.over(stream, false);
    if (!this.#resets.over()) return;
    this.#owner.tooManyResets(this);
    this.end(errorCode.calm);
  }

  #settings(flags: number, bytes: Buffer, from: number, to: number): void {
    if ((flags & frameFlag.ack) !== 0) return;
    const problem = readSettings(bytes, from, to, this);
    if (problem !== errorCode.none) this.malformed(problem);
    else this.#output.control.settingsAck();
  }

  tableSize(bytes: number): void {
    this.#output.encoder.setTableSize(bytes);
  }

  initialWindow(bytes: number): boolean {
    const change = bytes - this.#initialWindow;
    this.#initialWindow = bytes;
    for (const stream of this.#streams.values()) if (!stream.widen(change)) return false;
    return true;
  }

  #windowUpdate(id: number, bytes: number): void {
    if (id !== 0) return this.#widenStream(id, bytes);
    if (bytes === 0) return this.malformed(errorCode.protocol);
    this.#output.window += bytes;
    if (this.#output.window > largestWindow) return this.malformed(errorCode.flowControl);
    return this.#output.wake();
  }

  #widenStream(id: number, bytes: number): void {
    const stream = this.#streams.get(id);
    if (stream === undefined) {
      if (id > this.#seen || (id & 1) === 0) this.malformed(errorCode.protocol);
    } else if (bytes === 0) this.breakStream(stream, errorCode.protocol);
    else if (!stream.widen(bytes)) this.breakStream(stream, errorCode.flowControl);
  }

  malformed(code: number): void {
    if (this.#isOver) return;
    this.#owner.malformed(this);
    this.end(code);
  }

  #breakStreams(): void {
    for (const stream of this.#streams.values()) stream.broken();
    this.#streams.clear();
  }

  #failed(error: NodeJS.ErrnoException): void {
    this.#owner.failed(this, error);
    this.socket.destroy();
  }

  #closed(): void {
    this.#isOver = true;
    this.#reader.stop();
    this.#breakStreams();
    this.#owner.closed(this);
  }
}
