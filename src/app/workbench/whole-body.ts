import type { BodySink } from "#model/body.ts";
import type { LimitedBody } from "#edge/edge-types.ts";
import { GatewayError } from "#model/errors.ts";

/** A body that is there already, handed over as one that arrives. */
export class WholeBody implements LimitedBody {
  readonly bytes: Uint8Array;
  #limit = Infinity;
  #cancelled = false;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  get length(): number {
    return this.bytes.byteLength;
  }

  get received(): number {
    return this.bytes.byteLength;
  }

  setLimit(bytes: number): void {
    this.#limit = bytes;
  }

  start(sink: BodySink): void {
    queueMicrotask(() => {
      if (this.#cancelled) return;
      if (this.bytes.byteLength > this.#limit) {
        sink.fail(new GatewayError("client-body-too-large", 413, "the body is too large", { source: "client" }));
        return;
      }
      sink.data(this.bytes);
      sink.end(null);
    });
  }

  pause(): void {
    // All of it comes at once.
  }

  resume(): void {
    // All of it comes at once.
  }

  cancel(): void {
    this.#cancelled = true;
  }
}
