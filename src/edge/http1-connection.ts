import { Buffer } from "node:buffer";
import type { Socket } from "node:net";
import type { Refusal } from "#model/decision.ts";
import type { Connection } from "./connection.ts";
import type { EdgeContext } from "./context.ts";
import { IncomingBody, IncomingRequest } from "./http1-incoming.ts";
import { type RequestHandler, type RequestHead, RequestParser } from "./http1-request-parser.ts";
import { Http1Response } from "./http1-response.ts";
import { lendReads } from "#wire/lend-reads.ts";
import { endAfterLinger } from "./linger.ts";
import { refusals } from "./refusals.ts";
import type { Swept } from "./sweeper.ts";

/**
 * One for all clients of a thread, and for nobody else. A head that comes alone, as nearly all do, is read out of it before
 * anything is done about it, and so is what is nothing but body; of what else comes there is a copy at once.
 */
const memory = Buffer.allocUnsafeSlow(64 * 1024);

/** What becomes of what a connection reads. */
export interface Http1Owner {
  /** @returns the length of the body that follows, or `noMore` */
  request(connection: Http1Connection, head: RequestHead): number;
  /** What has come is no request, or none that is taken. */
  malformed(connection: Http1Connection, refusal: Refusal): void;
  /** The client has gone, or the transport has failed. */
  failed(connection: Http1Connection, error: NodeJS.ErrnoException | null): void;
  closed(connection: Http1Connection): void;
}

/** A client's connection that speaks HTTP/1.x: reads requests off its socket and writes the responses in their order. */
export class Http1Connection implements RequestHandler, Swept {
  readonly context: EdgeContext;
  readonly facts: Connection;
  readonly socket: Socket;
  /** Whose turn it is to be written. */
  current: Http1Response | null = null;
  /** The request whose body is arriving. */
  incoming: IncomingRequest | null = null;
  /** Where what comes behind the last head goes, once protocols may be switched. */
  onSurplus: ((bytes: Buffer) => void) | null = null;
  /** The client has said that the request that came last is its last one. */
  saidClose = false;
  readonly #owner: Http1Owner;
  readonly #parser: RequestParser;
  readonly #waiting: Http1Response[] = [];
  /** Of monotonic time: since when it has been silent between requests, or within a head; 0: look again. */
  #since: number;
  #isFirst = true;
  #wasInHead = true;
  #isReading = true;
  #ending = false;
  #isReleased = false;
  /** What the parser is given now. */
  #isLending = false;

  constructor(context: EdgeContext, facts: Connection, owner: Http1Owner) {
    this.context = context;
    this.facts = facts;
    this.socket = facts.socket;
    this.#owner = owner;
    this.#parser = new RequestParser(this, () => context.settings.limits);
    this.#since = context.sweeper.now();
  }

  /** Begins to read. */
  open(): void {
    const { socket } = this;
    socket.on("data", this.#onData);
    socket.on("end", this.#onEnd);
    socket.on("drain", this.#onDrain);
    socket.on("error", (error) => this.#failed(error));
    socket.on("close", () => this.#closed());
    lendReads(socket, memory, this.#onLent);
    socket.resume();
  }

  get isGone(): boolean {
    return this.socket.destroyed;
  }

  /** What the client is told of a connection that stays open. */
  get keepAliveFields(): string {
    const seconds = Math.floor(this.context.settings.limits.idleTimeoutMs / 1000);
    return seconds > 0 ? `Connection: keep-alive\r\nKeep-Alive: timeout=${seconds}\r\n` : "Connection: keep-alive\r\n";
  }

  head(head: RequestHead): number {
    this.#isFirst = false;
    this.#since = 0;
    return this.#owner.request(this, head);
  }

  data(chunk: Buffer): void {
    const body = this.incoming?.body;
    if (body === null || body === undefined) return;
    if (!(this.#isLending ? body.lend(chunk) : body.push(chunk))) this.#pause();
  }

  end(trailers: string[] | null): void {
    const { incoming } = this;
    this.incoming = null;
    this.#since = 0;
    incoming?.finish(trailers);
    if (this.facts.last) this.#parser.stop();
  }

  /** The request that has just been read; its body follows when `hasBody`. */
  receive(head: RequestHead, hasBody: boolean): IncomingRequest {
    const body = hasBody ? new IncomingBody(() => this.#resume()) : null;
    const request = new IncomingRequest(head, body);
    if (hasBody) this.incoming = request;
    return request;
  }

  /** A response in its place behind those of the requests before. */
  respond(isHead: boolean, minor: number, keepAlive: boolean): Http1Response {
    const response = new Http1Response(this, isHead, minor, keepAlive);
    if (this.current === null) this.current = response;
    else this.#waiting.push(response);
    return response;
  }

  /** What follows the last response of a connection has none, and no reset may overtake it. */
  endBehind(): void {
    this.#ending = true;
    this.facts.last = true;
    this.current = null;
    this.#waiting.length = 0;
    this.stopParsing();
    endAfterLinger(this.socket);
  }

  /** What comes from now on is read and thrown away. */
  stopParsing(): void {
    this.#parser.stop();
    this.#abandonBody();
    this.#resume();
  }

  /** Lets go of the socket, which goes on in another protocol. */
  release(): void {
    this.#isReleased = true;
    this.socket.off("data", this.#onData);
    this.socket.off("end", this.#onEnd);
    this.socket.off("drain", this.#onDrain);
  }

  /** @param isLast of the current response @returns false: wait for its `drained` */
  write(bytes: string | Uint8Array, isLast: boolean): boolean {
    if (isLast) return this.socket.write(bytes as string, "latin1", this.#written);
    return bytes.length === 0 || this.socket.write(bytes as string, "latin1");
  }

  /** All of it in one write. */
  writeAll(pieces: readonly (string | Uint8Array)[], isLast: boolean): boolean {
    this.socket.cork();
    for (const piece of pieces) if (piece.length > 0) this.socket.write(piece as string, "latin1");
    const isRoomy = isLast ? this.socket.write("", "latin1", this.#written) : !this.socket.writableNeedDrain;
    this.socket.uncork();
    return isRoomy;
  }

  check(now: number, idleMs: number): void {
    this.facts.check(now, idleMs);
    if (this.#parser.isStopped || this.#parser.isInBody || this.#isWaiting()) {
      this.#since = 0;
      return;
    }
    const isInHead = this.#isFirst || this.#parser.isInHead;
    if (this.#since === 0 || isInHead !== this.#wasInHead) this.#since = now;
    this.#wasInHead = isInHead;
    const { headersTimeoutMs, idleTimeoutMs } = this.context.settings.limits;
    if (now - this.#since <= (isInHead ? headersTimeoutMs : idleTimeoutMs)) return;
    if (isInHead) this.#refuse(refusals.late);
    else this.#close();
  }

  /** For answers: a client waits for them and may well be silent meanwhile. */
  #isWaiting(): boolean {
    return this.current !== null && !this.#parser.isInHead;
  }

  readonly #onData = (bytes: Buffer): void => {
    const used = this.#parser.push(bytes);
    const { refusal } = this.#parser;
    if (refusal !== null) this.#refuse(refusal);
    else if (used < bytes.length) this.#surplus(bytes.subarray(used));
  };

  /** What is one head, or nothing but body, is read as it is; all else goes the way of other sockets. */
  readonly #onLent = (bytes: Buffer): boolean => {
    const { socket } = this;
    const isNext = !this.#isReleased && socket.readableFlowing === true && socket.readableLength === 0;
    if (!isNext || !this.#pushLent(bytes)) return socket.push(Buffer.from(bytes));
    const { refusal } = this.#parser;
    if (refusal !== null) this.#refuse(refusal);
    return true;
  };

  #pushLent(bytes: Buffer): boolean {
    this.#isLending = true;
    try {
      return this.#parser.pushLent(bytes);
    } finally {
      this.#isLending = false;
    }
  }

  #surplus(bytes: Buffer): void {
    if (this.onSurplus !== null) this.onSurplus(bytes);
    else if (this.saidClose) {
      this.saidClose = false;
      this.#owner.malformed(this, refusals.behind);
    }
  }

  #refuse(refusal: Refusal): void {
    this.#parser.refusal = null;
    this.#parser.stop();
    this.#owner.malformed(this, refusal);
  }

  readonly #onEnd = (): void => {
    if (this.#ending) return;
    const answered = this.current === null || (this.current.ended && this.#waiting.every(({ ended }) => ended));
    if (answered && (this.#parser.isBetween || this.#parser.isStopped)) this.#close();
    else this.#failed(null);
  };

  readonly #onDrain = (): void => {
    this.current?.drained();
  };

  readonly #written = (error?: Error | null): void => {
    const response = this.current;
    if (response === null || (error !== null && error !== undefined)) return;
    this.current = this.#waiting.shift() ?? null;
    this.#since = 0;
    if (!response.keepAlive) this.endBehind();
    response.responder?.finished();
    this.current?.becomeCurrent();
  };

  #close(): void {
    this.#ending = true;
    this.#parser.stop();
    this.socket.destroySoon();
  }

  #pause(): void {
    if (!this.#isReading) return;
    this.#isReading = false;
    this.socket.pause();
  }

  #resume(): void {
    if (this.#isReading) return;
    this.#isReading = true;
    this.socket.resume();
  }

  #failed(error: NodeJS.ErrnoException | null): void {
    this.#owner.failed(this, error);
    this.socket.destroy();
  }

  #abandonBody(): void {
    this.incoming?.body?.destroy();
    this.incoming = null;
  }

  #closed(): void {
    this.#parser.stop();
    this.#abandonBody();
    this.current = null;
    this.#waiting.length = 0;
    this.#owner.closed(this);
  }
}
