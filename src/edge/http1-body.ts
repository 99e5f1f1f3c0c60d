import type { IncomingMessage } from "node:http";
import type { OwnedResponse } from "./http1-client.ts";
import { RequestBody } from "./request-body.ts";
import type { Sweeper } from "./sweeper.ts";

/** A client that sent `Expect: 100-continue` is told to go on when the body is started, so a refusal costs it no upload. */
export class Http1Body extends RequestBody {
  readonly #request: IncomingMessage;
  readonly #waiting: OwnedResponse | null;

  constructor(
    request: IncomingMessage,
    /** Null when the client does not wait. */
    waiting: OwnedResponse | null,
    length: number | undefined,
    limit: number,
    sweeper: Sweeper,
  ) {
    super(request, length, limit, sweeper);
    this.#request = request;
    this.#waiting = waiting;
  }

  protected override begin(): void {
    // The parser's own view of an abort arrives as an error; the connection's end is what fails the body.
    this.#request.on("error", ignore);
    if (this.#waiting !== null && !this.#waiting.headersSent) this.#waiting.writeContinue();
  }

  protected override isWhole(): boolean {
    return this.#request.complete;
  }

  protected override trailers(): readonly string[] {
    return this.#request.rawTrailers;
  }
}

function ignore(): void {}
