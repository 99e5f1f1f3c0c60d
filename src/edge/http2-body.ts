import type { TunnelSource } from "#model/body.ts";
import type { Http2Stream } from "./http2-stream.ts";
import { RequestBody } from "./request-body.ts";
import type { Sweeper } from "./sweeper.ts";

export class Http2Body extends RequestBody {
  readonly #stream: Http2Stream;

  constructor(stream: Http2Stream, length: number | undefined, expects: boolean, limit: number, sweeper: Sweeper) {
    super(stream.receive(length), length, expects, limit, sweeper);
    this.#stream = stream;
  }

  protected override proceed(): void {
    this.#stream.informational([":status", "100"]);
  }

  /** By END_STREAM alone, never by a reset. */
  protected override isWhole(): boolean {
    return this.#stream.hasEnded && !this.#stream.isReset;
  }

  protected override trailers(): readonly string[] | null {
    return this.#stream.trailers;
  }
}

/** What a client sends after an extended CONNECT: without limit, and as seldom as it likes. */
export class Http2Tunnel extends Http2Body implements TunnelSource {
  constructor(stream: Http2Stream, sweeper: Sweeper) {
    super(stream, undefined, false, Number.MAX_SAFE_INTEGER, sweeper);
  }

  override check(): void {}
}
