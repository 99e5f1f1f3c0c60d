import type { Socket } from "node:net";
import { lendBytes } from "#model/body.ts";
import { GatewayError } from "#model/errors.ts";
import { addressOf, dial, readBuffer, type Reader, type Target } from "./dial.ts";
import { chunkedRequest, writeLastChunk, writeRequestHead } from "./http1-request-writer.ts";
import {
  ResponseParser,
  type ResponseHandler,
  type ResponseHead,
  type ResponseLimits,
} from "./http1-response-parser.ts";
import { lendReads } from "./lend-reads.ts";
import { sendLater, type Sender } from "./outbox.ts";
import { LentWriter, writeLent } from "./write-lent.ts";
import { Timeout, type TimerWheel } from "./timer-wheel.ts";
import type { RequestHead, Transport, TransportUser } from "./transport.ts";
import { connectError, upstreamError } from "./upstream-error.ts";

/** The pool, as its connections see it. */
export interface ConnectionOwner {
  opened(connection: Connection): void;
  openFailed(connection: Connection, error: GatewayError): void;
  /** The exchange is over and the connection is fit for another. */
  released(connection: Connection): void;
  /** Once, whatever the reason. */
  closed(connection: Connection): void;
  session(session: Buffer): void;
}

export interface ConnectionSettings {
  readonly wheel: TimerWheel;
  readonly limits: ResponseLimits;
  readonly connectTimeoutMs: number;
  /** Longest silence within a response body, while the reader wants more. */
  readonly bodyIdleMs: number;
}

/** Where a connection comes from. */
export interface ConnectionOrigin {
  /** A TLS session to resume. */
  readonly session: Buffer | null;
  /** Address of the client that it is made for. */
  readonly client: string;
  /** A TLS socket that is connected, to take over; `adopted` begins. Null: one is dialled. */
  readonly ready: Socket | null;
}

const http1Only: readonly string[] = ["http/1.1"];

/** Longest silence of a switched connection that one side has ended. */
const halfClosedMs = 60_000;

/** How long the last bytes of a request that is answered may take to leave. */
const partingMs = 1000;

const dialing = 0;
const idle = 1;
const busy = 2;
/** The answer is whole, and the last bytes of the request have yet to leave: a peer that answers early is read no further. */
const parting = 3;
const closed = 4;

/** An HTTP/1.1 client connection: one exchange at a time, kept alive between them. */
export class Connection implements Transport, ResponseHandler, Sender {
  readonly #owner: ConnectionOwner;
  readonly #settings: ConnectionSettings;
  readonly #target: Target;
  readonly #socket: Socket;
  readonly #parser: ResponseParser;
  readonly #timeout: Timeout;
  #state = dialing;
  #user: TransportUser | null = null;
  #keepAlive = false;
  #requestDone = false;
  #chunked = false;
  #paused = false;
  #headersMs = 0;
  #unsentHead = "";
  #unsentBody: Uint8Array | null = null;
  /** Of the body that is under way. */
  #lent: LentWriter | null = null;
  #shared = false;
  /** Address of the client that it was made for. */
  readonly client: string;
  #idleMs = 0;
  /** After a 101: both directions end on their own. */
  #switched = false;
  #peerEnded = false;
  /** What the peer said it keeps an idle connection for, in milliseconds; -1: nothing. */
  keepAliveMs = -1;
  /** `address:port` that was dialled; empty before. */
  address = "";

  constructor(
    owner: ConnectionOwner,
    target: Target,
    settings: ConnectionSettings,
    { session, client, ready }: ConnectionOrigin,
  ) {
    this.#owner = owner;
    this.#settings = settings;
    this.#target = target;
    this.client = client;
    this.#parser = new ResponseParser(settings.limits);
    this.#timeout = new Timeout(() => this.#expired());
    const read: Reader = (bytes, shared) => this.#read(bytes, shared);
    this.#socket = ready ?? dial(target, { session, protocols: http1Only, read, client });
    if (ready !== null) this.#readFrom(ready);
    this.#listen(target);
    settings.wheel.arm(this.#timeout, settings.connectTimeoutMs);
  }

  adopted(): void {
    this.#opened();
  }

  /** A request that is complete can wait for the end of this turn of the loop. */
  send(user: TransportUser, head: RequestHead, body: Uint8Array | null, complete: boolean, timeoutMs: number): void {
    const { method, target, host, fields, framing, upgrade, expects } = head;
    let text: string;
    try {
      text = writeRequestHead(method, target, host, fields, framing, upgrade, expects);
    } catch (error) {
      return this.#decline(user, error as GatewayError);
    }
    this.#begin(user, method === "HEAD", upgrade !== null, timeoutMs);
    this.#chunked = framing === chunkedRequest;
    this.#requestDone = complete;
    if (!complete) return this.#sendHead(text, body);
    this.#unsentHead = text;
    this.#unsentBody = body;
    sendLater(this);
  }

  #begin(user: TransportUser, bodyless: boolean, upgrade: boolean, timeoutMs: number): void {
    this.#state = busy;
    this.#user = user;
    this.#keepAlive = false;
    this.#headersMs = timeoutMs;
    this.#idleMs = this.#settings.bodyIdleMs;
    this.#parser.begin(this, bodyless, upgrade);
    this.#settings.wheel.arm(this.#timeout, timeoutMs);
  }

  /** Nothing was sent, so the connection is as fit as before. */
  #decline(user: TransportUser, error: GatewayError): void {
    this.#owner.released(this);
    user.failed(error, "unprocessed");
  }

  sendNow(): void {
    const head = this.#unsentHead;
    const body = this.#unsentBody;
    this.#unsentHead = "";
    this.#unsentBody = null;
    if (head !== "" && this.#state === busy) this.#sendHead(head, body);
  }

  #sendHead(head: string, body: Uint8Array | null): void {
    if (body === null || body.length === 0) {
      this.#socket.write(head, "latin1");
      return;
    }
    this.#socket.cork();
    this.#socket.write(head, "latin1");
    this.#socket.write(body);
    this.#socket.uncork();
  }

  write(chunk: Uint8Array): boolean {
    if (chunk.length === 0) return true;
    this.#progress();
    this.#lent?.flush();
    return this.#chunked ? this.#writeChunk(chunk) : this.#socket.write(chunk);
  }

  writeLent(chunk: Uint8Array): boolean {
    if (chunk.length === 0) return true;
    this.#progress();
    if (!this.#chunked) return (this.#lent ??= new LentWriter(this.#socket)).write(chunk);
    return writeLent(this.#socket, `${chunk.length.toString(16)}\r\n`, chunk, "\r\n");
  }

  #writeChunk(chunk: Uint8Array): boolean {
    this.#socket.cork();
    this.#socket.write(`${chunk.length.toString(16)}\r\n`, "latin1");
    this.#socket.write(chunk);
    const room = this.#socket.write("\r\n", "latin1");
    this.#socket.uncork();
    return room;
  }

  finish(trailers: readonly string[] | null): void {
    const last = this.#chunked ? writeLastChunk(trailers) : "";
    this.#progress();
    this.#lent?.flush();
    this.#lent = null;
    this.#requestDone = true;
    if (this.#switched) this.#endDirection();
    else if (last !== "") this.#socket.write(last, "latin1");
  }

  pause(): void {
    if (this.#state !== busy || this.#paused) return;
    this.#paused = true;
    this.#socket.pause();
    // A reader that is slow is not the upstream's fault.
    this.#settings.wheel.disarm(this.#timeout);
  }

  resume(): void {
    if (this.#state !== busy || !this.#paused) return;
    this.#paused = false;
    this.#settings.wheel.arm(this.#timeout, this.#idleMs);
    this.#socket.resume();
  }

  allowSilence(milliseconds: number): void {
    this.#idleMs = milliseconds;
    if (this.#state === busy && !this.#paused) this.#settings.wheel.arm(this.#timeout, milliseconds);
  }

  abandon(): void {
    this.#user = null;
    this.#close();
  }

  /** Waits for the next exchange no longer than this. */
  expireIdleAfter(milliseconds: number): void {
    this.#settings.wheel.arm(this.#timeout, milliseconds);
  }

  interim(status: number, fields: string[]): void {
    this.#user?.interim(status, fields);
  }

  head(head: ResponseHead): void {
    this.#keepAlive = head.framing.keepAlive;
    this.keepAliveMs = head.framing.keepAliveMs;
    if (head.status === 101) {
      this.#switched = true;
      this.#requestDone = false;
    }
    this.#user?.head(head);
  }

  data(chunk: Buffer): void {
    const user = this.#user;
    if (!this.#shared) user?.data(chunk);
    else if (user?.lent === undefined || chunk.length < lendBytes) user?.data(Buffer.from(chunk));
    else user.lent(chunk);
  }

  #listen(target: Target): void {
    const socket = this.#socket;
    socket.once(target.tls === null ? "connect" : "secureConnect", () => this.#opened());
    socket.on("end", () => this.#ended());
    socket.on("error", (error) => this.#lost(error));
    socket.on("close", () => this.#lost(null));
    socket.on("drain", () => this.#user?.drained());
    if (target.tls !== null) socket.on("session", (session: Buffer) => this.#owner.session(session));
  }

  /** It was dialled before anybody knew what it would speak. */
  #readFrom(ready: Socket): void {
    ready.on("data", (bytes: Buffer) => this.#read(bytes, false));
    lendReads(ready, readBuffer, (bytes) => {
      this.#read(bytes, true);
      return true;
    });
  }

  #opened(): void {
    if (this.#state !== dialing) return;
    this.address = addressOf(this.#socket, this.#target);
    this.#settings.wheel.disarm(this.#timeout);
    this.#state = idle;
    this.#owner.opened(this);
  }

  #read(bytes: Buffer, shared: boolean): void {
    this.#shared = shared;
    // Nobody asked: an answer to come would be taken for the next request's (response queue poisoning).
    if (this.#state !== busy) return this.#close();
    const used = this.#parser.push(bytes);
    if (this.#state !== busy) return;
    if (this.#parser.isComplete) this.#completed(used === bytes.length);
    else if (this.#parser.isMalformed) this.#malformed();
    else if (this.#parser.headRead && !this.#paused) {
      this.#settings.wheel.arm(this.#timeout, this.#idleMs);
    }
  }

  #ended(): void {
    if (this.#state === busy && this.#switched) return this.#peerEnds();
    if (this.#state === busy && this.#parser.finish()) this.#completed(false);
    else this.#lost(null);
  }

  #peerEnds(): void {
    const user = this.#user;
    this.#peerEnded = true;
    this.#endDirection();
    user?.end(null);
  }

  /** One side of a switched connection is over; when both are, so is the connection, as soon as the last bytes have left. */
  #endDirection(): void {
    this.allowSilence(Math.min(this.#idleMs, halfClosedMs));
    if (!this.#requestDone) return;
    if (!this.#peerEnded) this.#socket.end();
    else {
      this.#user = null;
      this.#socket.destroySoon();
    }
  }

  #completed(clean: boolean): void {
    const user = this.#user;
    this.#user = null;
    this.#settings.wheel.disarm(this.#timeout);
    if (!clean || !this.#keepAlive || !this.#requestDone || this.#unsentHead !== "") this.#close();
    else if (this.#socket.writableLength === 0) this.#release();
    else this.#part();
    user?.end(this.#parser.trailers);
  }

  /** Kernel and TLS tell that bytes have left later than a quick peer answers them. */
  #part(): void {
    this.#state = parting;
    this.#settings.wheel.arm(this.#timeout, partingMs);
    this.#socket.write("", (error) => {
      if (this.#state !== parting || error) return;
      this.#settings.wheel.disarm(this.#timeout);
      this.#release();
    });
  }

  #release(): void {
    this.#state = idle;
    if (this.#paused) {
      this.#paused = false;
      this.#socket.resume();
    }
    this.#owner.released(this);
  }

  #malformed(): void {
    const detail = this.#parser.problem ?? "malformed";
    this.#fail(upstreamError("upstream-malformed", `the upstream's response is malformed: ${detail}`));
  }

  #expired(): void {
    if (this.#state === dialing) this.#lost(new Error("timed out"));
    else if (this.#state !== busy) this.#close();
    else if (this.#switched)
      this.#fail(new GatewayError("stream-idle", 408, "neither side sent anything for too long"));
    else this.#fail(upstreamError("upstream-timeout", "the upstream did not answer in time"));
  }

  #lost(cause: Error | null): void {
    if (this.#state === closed) return;
    if (this.#state === dialing) return this.#openFailed(cause);
    if (this.#state !== busy) return this.#close();
    if (this.#parser.headRead) {
      this.#fail(upstreamError("upstream-truncated", "the upstream broke off its response", cause));
    } else this.#fail(upstreamError("upstream-reset", "the upstream closed the connection", cause));
  }

  #openFailed(cause: Error | null): void {
    this.#close();
    this.#owner.openFailed(this, connectError(cause));
  }

  #fail(error: GatewayError): void {
    const user = this.#user;
    const progress = this.#parser.started ? "answered" : "unanswered";
    this.#user = null;
    this.#close();
    user?.failed(error, progress);
  }

  #close(): void {
    if (this.#state === closed) return;
    this.#state = closed;
    this.#unsentHead = "";
    this.#unsentBody = null;
    this.#parser.stop();
    this.#settings.wheel.disarm(this.#timeout);
    this.#socket.destroy();
    this.#owner.closed(this);
  }

  #progress(): void {
    if (this.#switched) this.#settings.wheel.arm(this.#timeout, this.#idleMs);
    else if (this.#state === busy && !this.#parser.headRead) this.#settings.wheel.arm(this.#timeout, this.#headersMs);
  }
}
