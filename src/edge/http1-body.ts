import type { IncomingBody, IncomingRequest } from "./http1-incoming.ts";
import type { Http1Response } from "./http1-response.ts";
import { RequestBody } from "./request-body.ts";
import type { Sweeper } from "./sweeper.ts";

export class Http1Body extends RequestBody {
  readonly #request: IncomingRequest;
  readonly #stream: IncomingBody;
  readonly #response: Http1Response;

  constructor(
    request: IncomingRequest,
    stream: IncomingBody,
    response: Http1Response,
    length: number | undefined,
    expects: boolean,
    limit: number,
    sweeper: Sweeper,
  ) {
    super(stream, length, expects, limit, sweeper);
    this.#request = request;
    this.#stream = stream;
    this.#response = response;
  }

  /** Also to a client that did not wait: it may have begun to. */
  protected override proceed(): void {
    this.#response.informational(100, []);
  }

  protected override borrow(take: (chunk: Uint8Array) => void): void {
    this.#stream.onLent = take;
  }

  protected override isWhole(): boolean {
    return this.#request.complete;
  }

  protected override trailers(): readonly string[] | null {
    return this.#request.trailers;
  }
}
