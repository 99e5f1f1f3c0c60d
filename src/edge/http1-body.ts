import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { RequestBody } from "./request-body.ts";
import type { Sweeper } from "./sweeper.ts";

/** Bytes a chunked body may have beside its data: 16 KiB of extensions, and one read of the socket that is not parsed yet. */
const freeFraming = (16 + 64) * 1024;

/** Bytes of framing for each byte of data: five go with a chunk of one byte. */
const framingPerByte = 8;

export class Http1Body extends RequestBody {
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #socket: Socket;
  /** What the socket had read when the header was whole. */
  readonly #readBefore: number;

  constructor(
    request: IncomingMessage,
    response: ServerResponse,
    length: number | undefined,
    expects: boolean,
    limit: number,
    sweeper: Sweeper,
  ) {
    super(request, length, expects, limit, sweeper);
    this.#request = request;
    this.#response = response;
    this.#socket = request.socket;
    this.#readBefore = length === undefined ? request.socket.bytesRead : 0;
  }

  protected override begin(): void {
    // The parser's own view of an abort arrives as an error; the connection's end is what fails the body.
    this.#request.on("error", ignore);
  }

  /** Also to a client that did not wait: Node ends the connection behind an answer that no 100 came before. */
  protected override proceed(): void {
    if (!this.#response.headersSent) this.#response.writeContinue();
  }

  protected override isWhole(): boolean {
    return this.#request.complete;
  }

  /** Chunk extensions count for no limit of the parser's but their own chunk's, and for none of the body. @see RFC 9112 §7.1.1 */
  protected override isPadded(): boolean {
    const data = this.received + this.#request.readableLength;
    return this.#socket.bytesRead - this.#readBefore - data > freeFraming + data * framingPerByte;
  }

  protected override trailers(): readonly string[] {
    return this.#request.rawTrailers;
  }
}

function ignore(): void {}
