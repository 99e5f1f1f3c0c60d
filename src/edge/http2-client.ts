import { constants, type ServerHttp2Stream } from "node:http2";
import type { ClientListener, ClientStream, TunnelSource } from "#model/body.ts";
import { GatewayError } from "#model/errors.ts";
import type { HeaderList } from "#model/header-list.ts";
import { fieldObject } from "#wire/field-object.ts";
import type { ActiveExchange, Connection } from "./connection.ts";
import type { EdgeContext } from "./context.ts";
import type { RequestBody } from "./request-body.ts";
import { announcedLength, copyFields, isBodiless } from "./response-fields.ts";
import type { Swept } from "./sweeper.ts";
import { allowedTrailers, announcedTrailers } from "./trailers.ts";

/** The answer to one HTTP/2 request. */
export class Http2Client implements ClientStream, ActiveExchange, Swept {
  listener: ClientListener | null = null;
  headSent = false;
  place = -1;
  /** Of an extended CONNECT: what the client sends once it is taken. */
  tunnel: TunnelSource | null = null;
  readonly #context: EdgeContext;
  readonly #connection: Connection;
  readonly #stream: ServerHttp2Stream;
  readonly #body: RequestBody | null;
  readonly #isHead: boolean;
  #ended = false;
  #over = false;
  #bodiless = false;
  #broken = false;
  #drainWatched = false;
  #left = -1;
  #trailers: string[] | null = null;
  /** They, or that there are none, are still to be sent. */
  #owesTrailers = false;
  #blockedSince = 0;
  #switched = false;

  constructor(
    context: EdgeContext,
    connection: Connection,
    stream: ServerHttp2Stream,
    body: RequestBody | null,
    isHead: boolean,
  ) {
    this.#context = context;
    this.#connection = connection;
    this.#stream = stream;
    this.#body = body;
    this.#isHead = isHead;
    stream.on("close", () => this.#closed());
    if (body !== null) stream.on("finish", () => this.#finished());
    connection.active.add(this);
    context.inFlight += 1;
  }

  informational(status: number, headers: HeaderList): void {
    if (this.headSent || this.#gone() || status === 101) return;
    const fields: string[] = [];
    copyFields(headers, fields);
    this.#stream.additionalHeaders({ ":status": status, ...fieldObject(fields) });
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
    const mayHaveTrailers = !this.#bodiless && length === undefined;
    const trailers = mayHaveTrailers ? announcedTrailers(headers) : null;
    if (trailers !== null) fields.push("trailer", trailers);
    this.#respond(fields, mayHaveTrailers, length === 0);
    if (!this.#bodiless && length !== undefined) this.#left = length;
  }

  /** @see RFC 8441 §5: success is 200, and the handshake's fields stay away. */
  switchProtocols(headers: HeaderList): TunnelSource {
    if (this.tunnel === null || this.headSent) {
      throw new GatewayError("internal", 500, "no switch of protocols was offered");
    }
    this.#switched = true;
    if (this.#gone()) return this.tunnel;
    headers.delete("sec-websocket-accept");
    const fields: string[] = [":status", "200"];
    copyFields(headers, fields);
    this.#respond(fields, false, false);
    return this.tunnel;
  }

  #respond(fields: string[], mayHaveTrailers: boolean, empty: boolean): void {
    const stream = this.#stream;
    stream.respond(fields, { waitForTrailers: mayHaveTrailers, endStream: this.#bodiless || empty });
    // Only now: `respond` throws on an invalid field, and the refusal that follows comes this way again.
    this.#owesTrailers = mayHaveTrailers;
    if (mayHaveTrailers) stream.on("wantTrailers", () => this.#sendTrailers());
    this.headSent = true;
  }

  write(chunk: Uint8Array): boolean {
    if (this.#gone() || this.#bodiless || chunk.byteLength === 0) return true;
    if (!this.#count(chunk.byteLength)) return true;
    if (this.#stream.write(chunk)) return true;
    this.#blockedSince = this.#context.sweeper.now();
    if (!this.#drainWatched) this.#stream.on("drain", () => this.#drained());
    this.#drainWatched = true;
    return false;
  }

  end(last: Uint8Array | null, trailers: readonly string[] | null): void {
    if (this.#gone() || this.#ended) return;
    const bytes = this.#bodiless ? null : last;
    if (bytes !== null && !this.#count(bytes.byteLength)) return;
    if (this.#left > 0) {
      this.abort();
      return;
    }
    this.#ended = true;
    this.#trailers = allowedTrailers(trailers);
    this.#blockedSince = this.#context.sweeper.now();
    if (this.#stream.writableEnded) return;
    if (bytes === null || bytes.byteLength === 0) this.#stream.end();
    else this.#stream.end(bytes);
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

  #sendTrailers(): void {
    if (this.#stream.destroyed || this.#stream.closed) return;
    try {
      this.#stream.sendTrailers(fieldObject(this.#trailers ?? []));
      this.#owesTrailers = false;
      if (this.#body !== null) this.#dropRest();
    } catch {
      // An upstream's invalid trailer costs its own response, not the worker.
      this.abort();
    }
  }

  abort(): void {
    this.#broken = true;
    if (!this.#stream.destroyed) this.#stream.close(constants.NGHTTP2_INTERNAL_ERROR);
  }

  /** One stream does not decide over a connection that others share. */
  closeAfter(): void {}

  bodyBroken(error: GatewayError): boolean {
    return this.#body?.breakOff(error) === true;
  }

  connectionClosed(): void {
    this.#closed();
  }

  check(now: number, idleMs: number): void {
    // A window that is never opened again keeps the response in memory.
    if (this.#blockedSince > 0 && now - this.#blockedSince > idleMs) this.#stream.close(constants.NGHTTP2_CANCEL);
    // Once there is an answer, both sides talk when they have something to say (gRPC): silence is no slowness.
    else if (!this.headSent) this.#body?.check(now, idleMs);
  }

  #drained(): void {
    this.#blockedSince = 0;
    this.listener?.drained();
  }

  /** Node says so before it asks for trailers. */
  #finished(): void {
    if (!this.#owesTrailers) this.#dropRest();
  }

  /**
   * The response is whole and the request is not: the client need not send the rest (RFC 9113 §8.1). Not at once: a
   * response that is only a head, and trailers, have not left yet, and the reset would go out instead of them.
   */
  #dropRest(): void {
    if (!this.#ended || this.#switched || this.#stream.readableEnded) return;
    setImmediate(() => this.#stream.close(constants.NGHTTP2_NO_ERROR));
  }

  #gone(): boolean {
    return this.#over || this.#stream.destroyed || this.#stream.closed;
  }

  #closed(): void {
    if (this.#over) return;
    this.#over = true;
    this.#context.inFlight -= 1;
    this.#connection.active.delete(this);
    const completed = this.#ended && !this.#broken && this.#isSent();
    this.listener?.closed(completed, this.#context.cutting);
    if (completed) this.#body?.cancel();
    else this.#body?.abort();
  }

  /**
   * The last data carry END_STREAM. Where the request is over, that closes the stream, and Node destroys it without
   * saying that it has finished: then a close that is no reset stands for that. A client that sends a whole request and
   * resets it with NO_ERROR before it has all of the answer cannot be told from that; nobody does.
   */
  #isSent(): boolean {
    const { writableFinished, writableEnded, aborted, rstCode } = this.#stream;
    if (writableFinished) return true;
    if (this.#body?.isOver !== true || this.#owesTrailers) return false;
    return writableEnded && !aborted && rstCode === constants.NGHTTP2_NO_ERROR;
  }
}
