import { Buffer } from "node:buffer";
import { Readable } from "node:stream";
import { lendBytes } from "#model/body.ts";
import type { RequestHead } from "./http1-request-parser.ts";

/** A body as it arrives; what nobody reads yet waits here up to the stream's mark, the rest at the client. */
export class IncomingBody extends Readable {
  readonly #wanted: () => void;

  /** @param wanted is told when more may come */
  constructor(wanted: () => void) {
    super({ highWaterMark: 64 * 1024 });
    this.#wanted = wanted;
  }

  /** Takes what comes while it is read as fast as it comes; the memory is the connection's. */
  onLent: ((chunk: Buffer) => void) | null = null;

  /** As `push`; the memory is the caller's again when it returns. */
  lend(chunk: Buffer): boolean {
    const { onLent } = this;
    const isRead = this.readableFlowing === true && this.readableLength === 0;
    if (onLent === null || !isRead || chunk.length < lendBytes) return this.push(Buffer.from(chunk));
    onLent(chunk);
    return true;
  }

  override _read(): void {
    this.#wanted();
  }
}

/** One request: its head, and how far the rest of it has come. */
export class IncomingRequest {
  readonly head: RequestHead;
  /** Null: there is none. */
  readonly body: IncomingBody | null;
  /** All of it has come. */
  complete: boolean;
  trailers: string[] | null = null;

  constructor(head: RequestHead, body: IncomingBody | null) {
    this.head = head;
    this.body = body;
    this.complete = body === null;
  }

  finish(trailers: string[] | null): void {
    this.complete = true;
    this.trailers = trailers;
    this.body?.push(null);
  }
}
