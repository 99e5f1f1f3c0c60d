import { Buffer } from "node:buffer";
import type { ClientListener, ClientStream, TunnelSource } from "#model/body.ts";
import { GatewayError } from "#model/errors.ts";
import type { HeaderList } from "#model/header-list.ts";
import { sendLater, type Sender } from "#wire/outbox.ts";
import type { ActiveExchange } from "./connection.ts";
import type { EdgeContext } from "./context.ts";
import type { Http1Connection } from "./http1-connection.ts";
import type { IncomingRequest } from "./http1-incoming.ts";
import { type Http1Response, joinedBytes, type Responder } from "./http1-response.ts";
import { Http1Tunnel } from "./http1-tunnel.ts";
import { endAfterLinger } from "./linger.ts";
import type { RequestBody } from "./request-body.ts";
import { writeFields } from "./http1-response-head.ts";
import { announcedLength, copyFields, isBodiless } from "./response-fields.ts";
import type { Swept } from "./sweeper.ts";
import { allowedTrailers, announcedTrailers } from "./trailers.ts";

/** An unread body up to this size is read and thrown away to keep the connection; a larger one costs it. */
const discardableBody = 64 * 1024;

/** The answer to one HTTP/1.1 request. */
export class Http1Client implements ClientStream, ActiveExchange, Responder, Sender, Swept {
  listener: ClientListener | null = null;
  headSent = false;
  place = -1;
  readonly #context: EdgeContext;
  readonly #http1: Http1Connection;
  readonly #request: IncomingRequest;
  readonly #response: Http1Response;
  readonly #body: RequestBody | null;
  /** Among the exchanges of its connection, from 1. */
  readonly #number: number;
  #closeAfter = false;
  #over = false;
  #bodiless = false;
  /** As they are written behind the last chunk. */
  #trailers = "";
  #chunked = false;
  #started = false;
  /** First piece of the body, until the turn's end: with it, the whole of a short response goes out in one write. */
  #held: Uint8Array | null = null;
  #wholeHeld = false;
  #queued = false;
  /** Bytes that must still come, when a length was announced; -1 otherwise. */
  #left = -1;
  /** Since when the client takes nothing; 0 when it does. */
  #blockedSince = 0;
  /** Of a client that offers to switch protocols. */
  #tunnel: Http1Tunnel | null = null;
  #protocol = "";
  #switched = false;

  constructor(
    context: EdgeContext,
    http1: Http1Connection,
    request: IncomingRequest,
    response: Http1Response,
    body: RequestBody | null,
  ) {
    this.#context = context;
    this.#http1 = http1;
    this.#request = request;
    this.#response = response;
    this.#body = body;
    response.responder = this;
    const { facts } = http1;
    facts.active.add(this);
    facts.taken += 1;
    this.#number = facts.taken;
    context.inFlight += 1;
  }

  informational(status: number, headers: HeaderList): void {
    if (this.headSent || this.#over || status === 101 || this.#response.minor === 0) return;
    const fields: string[] = [];
    copyFields(headers, fields);
    this.#response.informational(status, fields);
  }

  head(status: number, statusText: string, headers: HeaderList, length: number | undefined): void {
    if (this.#over) return;
    this.#tunnel?.cancel();
    const { isHead } = this.#response;
    this.#bodiless = isHead || isBodiless(status);
    const fields: string[] = [];
    const declared = copyFields(headers, fields);
    const announced = announcedLength(status, isHead, length, declared);
    if (announced !== undefined) fields.push("Content-Length", announced);
    this.#chunked = announced === undefined && !this.#bodiless && this.#response.minor > 0;
    const trailers = this.#chunked ? announcedTrailers(headers) : null;
    if (trailers !== null) fields.push("Trailer", trailers);
    if (this.#context.hsts !== null && this.#http1.facts.scheme === "https") this.#addHsts(headers, fields);
    const endsBody = announced === undefined && !this.#bodiless && !this.#chunked;
    this.#response.head(status, statusText, fields, endsBody || this.#mustClose(), this.#chunked);
    this.headSent = true;
    if (!this.#bodiless && length !== undefined) this.#left = length;
    this.#queue();
  }

  /** The client would go on in another protocol. */
  offer(protocol: string): void {
    this.#closeAfter = true;
    this.#protocol = protocol;
    this.#http1.release();
    const tunnel = new Http1Tunnel(this.#http1.socket, this.#context.sweeper, () => this.drained());
    this.#http1.onSurplus = (bytes) => tunnel.take(bytes);
    this.#tunnel = tunnel;
  }

  switchProtocols(headers: HeaderList): TunnelSource {
    const tunnel = this.#tunnel;
    if (tunnel === null || this.headSent) throw new GatewayError("internal", 500, "no switch of protocols was offered");
    tunnel.open(this.#protocol, headers);
    this.headSent = true;
    this.#switched = true;
    return tunnel;
  }

  #queue(): void {
    if (this.#queued) return;
    this.#queued = true;
    sendLater(this);
  }

  #mustClose(): boolean {
    const { facts } = this.#http1;
    if (this.#bodyInTheWay()) {
      // RFC 9112 §9.6: nothing that comes behind it on this connection is carried out.
      facts.last = true;
      return true;
    }
    const { broken, refusing, taken } = facts;
    // Those behind it in a pipeline have been carried out as well, and keep their answers; so does a refusal.
    if (broken) return !refusing && this.#number === taken;
    return this.#closeAfter || this.#context.draining;
  }

  /** Part of the request is still to come and nobody will read it: what follows on the connection is not a request. */
  #bodyInTheWay(): boolean {
    const body = this.#body;
    if (body === null || this.#request.complete) return false;
    // Whoever waits for a 100 and gets an answer may send its body or leave it out: only the connection's end is clear.
    if (body.dropped || body.untold) return true;
    return body.untouched && (body.length === undefined || body.length > discardableBody);
  }

  #addHsts(headers: HeaderList, fields: string[]): void {
    if (!headers.has("strict-transport-security")) {
      fields.push("Strict-Transport-Security", this.#context.hsts as string);
    }
  }

  sendNow(): void {
    this.#queued = false;
    if (this.#over || this.#started) return;
    if (this.#wholeHeld) this.#sendWhole();
    else if (this.#held !== null) this.#sendHeld();
    else this.#response.flushHead();
  }

  #sendWhole(): void {
    this.#started = true;
    const held = this.#held;
    this.#held = null;
    this.#response.end(held, this.#trailers);
  }

  #sendHeld(): void {
    const held = this.#held as Uint8Array;
    this.#held = null;
    this.#started = true;
    this.#send(held);
  }

  write(chunk: Uint8Array): boolean {
    return this.#take(chunk, false);
  }

  writeLent(chunk: Uint8Array): boolean {
    const isLent = this.#started || chunk.byteLength > joinedBytes;
    return isLent && !this.#switched ? this.#take(chunk, true) : this.#take(Buffer.from(chunk), false);
  }

  /** @param isLent its memory is the caller's again afterwards */
  #take(chunk: Uint8Array, isLent: boolean): boolean {
    if (this.#switched) return this.#over || (this.#tunnel as Http1Tunnel).write(chunk);
    if (this.#over || this.#bodiless || chunk.byteLength === 0) return true;
    if (!this.#count(chunk.byteLength)) return true;
    if (!isLent && !this.#started && this.#held === null && this.#queued) {
      this.#held = chunk;
      return true;
    }
    if (this.#held !== null) this.#sendHeld();
    this.#started = true;
    return this.#send(chunk, isLent);
  }

  #send(chunk: Uint8Array, isLent = false): boolean {
    if (isLent ? this.#response.writeLent(chunk) : this.#response.write(chunk)) return true;
    this.#blockedSince = this.#context.sweeper.now();
    return false;
  }

  end(last: Uint8Array | null, trailers: readonly string[] | null): void {
    if (this.#over) return;
    if (this.#switched) return this.#tunnel?.end();
    const bytes = this.#bodiless ? null : last;
    if (bytes !== null && !this.#count(bytes.byteLength)) return;
    // A body shorter than announced must not look whole, nor make the next response its rest.
    if (this.#left > 0) {
      this.abort();
      return;
    }
    if (this.#chunked && !this.#addTrailers(trailers)) return;
    this.#blockedSince = this.#context.sweeper.now();
    const more = bytes !== null && bytes.byteLength > 0;
    if (this.#started || (more && this.#held !== null)) this.#endNow(more ? bytes : null);
    else {
      this.#wholeHeld = true;
      if (more) this.#held = bytes;
      this.#queue();
    }
  }

  #endNow(bytes: Uint8Array | null): void {
    const all = this.#held === null || bytes === null ? bytes : Buffer.concat([this.#held, bytes]);
    if (all !== bytes) this.#held = null;
    else if (this.#held !== null) this.#sendHeld();
    this.#started = true;
    this.#response.end(all, this.#trailers);
  }

  /** False, and the end of the exchange, when more comes than was announced: it would be read as another response. */
  #count(bytes: number): boolean {
    if (this.#left < 0) return true;
    if (bytes > this.#left) {
      this.abort();
      return false;
    }
    this.#left -= bytes;
    return true;
  }

  /** False, and the end of the exchange, for a trailer that cannot be sent: the rest of the worker must not pay for it. */
  #addTrailers(trailers: readonly string[] | null): boolean {
    const allowed = allowedTrailers(trailers);
    if (allowed === null) return true;
    try {
      this.#trailers = writeFields(allowed);
      return true;
    } catch {
      this.abort();
      return false;
    }
  }

  abort(): void {
    const { socket, facts } = this.#http1;
    // A response without framing ends with the connection: only a reset tells the client that it is not whole.
    if (this.headSent && facts.scheme === "http") socket.resetAndDestroy();
    else socket.destroy();
  }

  closeAfter(): void {
    this.#closeAfter = true;
  }

  check(now: number, idleMs: number): void {
    if (this.#switched) return this.#tunnel?.check(now, idleMs);
    if (this.#over) this.#checkDiscard(now, idleMs);
    else if (this.#blockedSince > 0) this.#checkReader(now, idleMs);
    if (!this.#over) this.#body?.check(now, idleMs);
  }

  /** A reader that takes nothing holds memory on both sides. A response behind another one in a pipeline waits its turn. */
  #checkReader(now: number, idleMs: number): void {
    if (!this.#response.isCurrent) this.#blockedSince = now;
    else if (now - this.#blockedSince > idleMs) this.#http1.socket.destroy();
  }

  #checkDiscard(now: number, idleMs: number): void {
    if (!this.#request.complete && now - this.#blockedSince <= idleMs) return;
    this.#context.sweeper.remove(this);
    if (!this.#request.complete) this.#http1.socket.destroy();
  }

  drained(): void {
    this.#blockedSince = 0;
    this.listener?.drained();
  }

  finished(): void {
    this.#close(true);
    this.#settleConnection();
  }

  bodyBroken(error: GatewayError): boolean {
    return !this.#request.complete && this.#body?.breakOff(error) === true;
  }

  connectionClosed(): void {
    this.#close(this.#switched && this.#tunnel?.isWhole === true);
    this.#context.sweeper.remove(this);
  }

  #close(completed: boolean): void {
    if (this.#over) return;
    this.#over = true;
    this.#context.inFlight -= 1;
    this.#http1.facts.active.delete(this);
    this.listener?.closed(completed, this.#context.cutting);
    if (completed) this.#body?.cancel();
    else this.#body?.abort();
  }

  /** After a whole response that does not end the connection: what becomes of it. */
  #settleConnection(): void {
    const { socket, facts } = this.#http1;
    if (!this.#response.keepAlive) return;
    if (!this.#request.complete) this.#discardRest();
    else if (facts.active.size > 0) return;
    else if (facts.broken && !facts.refusing) endAfterLinger(socket);
    else if (this.#context.draining) socket.destroySoon();
  }

  #discardRest(): void {
    if (this.#http1.facts.broken || (this.#body?.length ?? Infinity) > discardableBody) return this.#http1.endBehind();
    this.#blockedSince = this.#context.sweeper.now();
    // No longer the connection's exchange, but its body may still stall.
    this.#context.sweeper.add(this);
    this.#request.body?.resume();
    return undefined;
  }
}
