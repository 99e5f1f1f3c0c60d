import type { ClientListener, ClientStream, TunnelSource } from "#model/body.ts";
import { GatewayError } from "#model/errors.ts";
import type { HeaderList } from "#model/header-list.ts";
import { errorCode } from "#wire/http2/frame-names.ts";
import type { ActiveExchange, Connection } from "./connection.ts";
import type { EdgeContext } from "./context.ts";
import { prepareFields } from "./http2-response-fields.ts";
import type { Http2Stream, StreamUser } from "./http2-stream.ts";
import type { RequestBody } from "./request-body.ts";
import { announcedLength, copyFields, isBodiless } from "./response-fields.ts";
import type { Swept } from "./sweeper.ts";
import { allowedTrailers, announcedTrailers } from "./trailers.ts";

/** The answer to one HTTP/2 request. */
export class Http2Client implements ClientStream, ActiveExchange, StreamUser, Swept {
  listener: ClientListener | null = null;
  headSent = false;
  place = -1;
  /** Of an extended CONNECT: what the client sends once it is taken. */
  tunnel: TunnelSource | null = null;
  readonly #context: EdgeContext;
  readonly #connection: Connection;
  readonly #stream: Http2Stream;
  readonly #body: RequestBody | null;
  readonly #isHead: boolean;
  #ended = false;
  #over = false;
  #bodiless = false;
  #broken = false;
  #left = -1;
  #mayHaveTrailers = false;
  #isSent = false;
  /** Since when the client has been sent nothing of what waits; 0: nothing waits. */
  #blockedSince = 0;
  #switched = false;

  constructor(
    context: EdgeContext,
    connection: Connection,
    stream: Http2Stream,
    body: RequestBody | null,
    isHead: boolean,
  ) {
    this.#context = context;
    this.#connection = connection;
    this.#stream = stream;
    this.#body = body;
    this.#isHead = isHead;
    stream.user = this;
    connection.active.add(this);
    context.inFlight += 1;
  }

  informational(status: number, headers: HeaderList): void {
    if (this.headSent || this.#gone() || status === 101) return;
    const fields: string[] = [":status", String(status)];
    copyFields(headers, fields);
    this.#stream.informational(prepareFields(fields, 2));
  }

  head(status: number, _statusText: string, headers: HeaderList, length: number | undefined): void {
    if (this.#gone()) return;
    this.#bodiless = this.#isHead || isBodiless(status);
    const fields: string[] = [":status", String(status)];
    const declared = copyFields(headers, fields);
    const announced = announcedLength(status, this.#isHead, length, declared);
    if (announced !== undefined) fields.push("content-length", announced);
    if (this.#context.hsts !== null && !headers.has("strict-transport-security")) {
      fields.push("strict-transport-security", this.#context.hsts);
    }
    this.#mayHaveTrailers = !this.#bodiless && length === undefined;
    const trailers = this.#mayHaveTrailers ? announcedTrailers(headers) : null;
    if (trailers !== null) fields.push("trailer", trailers);
    this.#respond(headers, fields, length === 0);
    if (!this.#bodiless && length !== undefined) this.#left = length;
  }

  /** @see RFC 8441 §5: success is 200, and the handshake's fields stay away. */
  switchProtocols(headers: HeaderList): TunnelSource {
    if (this.tunnel === null || this.headSent) {
      throw new GatewayError("internal", 500, "no switch of protocols was offered");
    }
    this.#switched = true;
    this.#stream.dropsRest = false;
    if (this.#gone()) return this.tunnel;
    headers.delete("sec-websocket-accept");
    const fields: string[] = [":status", "200"];
    copyFields(headers, fields);
    this.#respond(headers, fields, false);
    return this.tunnel;
  }

  /** Throws on an invalid field before anything is sent, and the refusal that follows comes this way again. */
  #respond(headers: HeaderList, fields: string[], isEmpty: boolean): void {
    if (!headers.has("date")) fields.push("date", this.#context.date.text());
    this.#stream.respond(prepareFields(fields, 2), this.#bodiless || isEmpty);
    this.headSent = true;
  }

  write(chunk: Uint8Array): boolean {
    if (this.#gone() || this.#bodiless || chunk.byteLength === 0) return true;
    if (!this.#count(chunk.byteLength)) return true;
    if (this.#stream.write(chunk)) return true;
    this.#wait();
    return false;
  }

  writeLent(chunk: Uint8Array): boolean {
    if (this.#gone() || this.#bodiless || chunk.byteLength === 0) return true;
    if (!this.#count(chunk.byteLength)) return true;
    if (this.#stream.writeLent(chunk)) return true;
    this.#wait();
    return false;
  }

  end(last: Uint8Array | null, trailers: readonly string[] | null): void {
    if (this.#gone() || this.#ended) return;
    const bytes = this.#bodiless ? null : last;
    if (bytes !== null && !this.#count(bytes.byteLength)) return;
    const behind = this.#mayHaveTrailers ? allowedTrailers(trailers) : null;
    if (this.#left > 0 || !isWritable(behind)) {
      this.abort();
      return;
    }
    this.#ended = true;
    this.#wait();
    this.#stream.finish(bytes, behind);
  }

  #wait(): void {
    this.#stream.hasProgressed = false;
    this.#blockedSince = this.#context.sweeper.now();
  }

  #count(bytes: number): boolean {
    if (this.#left < 0) return true;
    if (bytes > this.#left) {
      this.abort();
      return false;
    }
    this.#left -= bytes;
    return true;
  }

  abort(): void {
    this.#broken = true;
    this.#stream.reset(errorCode.internal);
  }

  /** One stream does not decide over a connection that others share. */
  closeAfter(): void {}

  bodyBroken(error: GatewayError): boolean {
    return this.#body?.breakOff(error) === true;
  }

  connectionClosed(): void {
    this.closed();
  }

  check(now: number, idleMs: number): void {
    // A window that is never opened again keeps the response in memory.
    if (this.#blockedSince > 0) this.#checkReader(now, idleMs);
    // Once there is an answer, both sides talk when they have something to say (gRPC): silence is no slowness.
    else if (!this.headSent) this.#body?.check(now, idleMs);
  }

  #checkReader(now: number, idleMs: number): void {
    if (this.#stream.hasProgressed) {
      this.#stream.hasProgressed = false;
      this.#blockedSince = now;
    } else if (now - this.#blockedSince > idleMs) this.#stream.reset(errorCode.cancel);
  }

  drained(): void {
    this.#blockedSince = 0;
    this.listener?.drained();
  }

  /** Of a tunnel, only our direction is over. */
  finished(): void {
    this.#isSent = true;
    this.#blockedSince = 0;
    if (!this.#switched) this.closed();
  }

  /** A response that was not all handed over by now never will be. */
  closed(): void {
    if (this.#over) return;
    this.#over = true;
    this.#context.inFlight -= 1;
    this.#connection.active.delete(this);
    const completed = this.#ended && !this.#broken && this.#isSent;
    this.listener?.closed(completed, this.#context.cutting);
    if (completed) this.#body?.cancel();
    else this.#body?.abort();
  }

  #gone(): boolean {
    return this.#over || this.#stream.isReset;
  }
}

/** An upstream's invalid trailer costs its own response, not the worker. */
function isWritable(trailers: string[] | null): boolean {
  try {
    if (trailers !== null) prepareFields(trailers, 0);
    return true;
  } catch {
    return false;
  }
}
