import { constants, type ServerHttp2Stream } from "node:http2";
import type { TunnelSource } from "#model/body.ts";
import { onEndStream } from "#wire/http2-stream-end.ts";
import { RequestBody } from "./request-body.ts";
import type { Sweeper } from "./sweeper.ts";

export class Http2Body extends RequestBody {
  readonly #stream: ServerHttp2Stream;
  #trailers: readonly string[] | null = null;
  #endSeen = false;

  constructor(
    stream: ServerHttp2Stream,
    length: number | undefined,
    expects: boolean,
    limit: number,
    sweeper: Sweeper,
  ) {
    super(stream, length, expects, limit, sweeper);
    this.#stream = stream;
    onEndStream(stream, () => {
      this.#endSeen = true;
    });
    // They may come before anyone reads the body.
    stream.on("trailers", (_headers, _flags, raw) => {
      this.#trailers = raw;
    });
  }

  protected override proceed(): void {
    const { headersSent, closed, destroyed } = this.#stream;
    if (!headersSent && !closed && !destroyed) this.#stream.additionalHeaders({ ":status": 100 });
  }

  /** Node ends the readable side of a stream that was reset, as if its body were over. */
  protected override isWhole(): boolean {
    const { aborted, destroyed, rstCode } = this.#stream;
    if (!this.#endSeen || aborted || destroyed) return false;
    return rstCode === undefined || rstCode === constants.NGHTTP2_NO_ERROR;
  }

  protected override trailers(): readonly string[] | null {
    return this.#trailers;
  }
}

/** What a client sends after an extended CONNECT: without limit, and as seldom as it likes. */
export class Http2Tunnel extends Http2Body implements TunnelSource {
  constructor(stream: ServerHttp2Stream, sweeper: Sweeper) {
    super(stream, undefined, false, Number.MAX_SAFE_INTEGER, sweeper);
  }

  override check(): void {}
}
