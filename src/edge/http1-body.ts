import type { IncomingMessage, ServerResponse } from "node:http";
import { RequestBody } from "./request-body.ts";
import type { Sweeper } from "./sweeper.ts";

export class Http1Body extends RequestBody {
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;

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

  protected override trailers(): readonly string[] {
    return this.#request.rawTrailers;
  }
}

function ignore(): void {}
