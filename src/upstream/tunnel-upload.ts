import type { BodySink, TunnelSource } from "#model/body.ts";
import type { GatewayError } from "#model/errors.ts";
import type { Transport } from "#wire/transport.ts";

/** Who has a switched connection to the upstream. */
export interface TunnelOwner {
  /** The client has ended its direction, and the transport knows. */
  carried(): void;
  carryFailed(error: GatewayError): void;
}

/** What a client sends after a switch of protocols, on its way to the upstream, no faster than that takes it. */
export class TunnelUpload implements BodySink {
  readonly #source: TunnelSource;
  readonly #transport: Transport;
  readonly #owner: TunnelOwner;
  #paused = false;
  #over = false;

  constructor(source: TunnelSource, transport: Transport, owner: TunnelOwner) {
    this.#source = source;
    this.#transport = transport;
    this.#owner = owner;
  }

  get isOver(): boolean {
    return this.#over;
  }

  start(): void {
    this.#source.start(this);
  }

  data(chunk: Uint8Array): void {
    if (this.#over || this.#transport.write(chunk) || this.#paused) return;
    this.#paused = true;
    this.#source.pause();
  }

  end(): void {
    if (this.#over) return;
    this.#over = true;
    this.#transport.finish(null);
    this.#owner.carried();
  }

  fail(error: GatewayError): void {
    if (this.#over) return;
    this.#over = true;
    this.#owner.carryFailed(error);
  }

  drained(): void {
    if (!this.#paused || this.#over) return;
    this.#paused = false;
    this.#source.resume();
  }

  /** The upstream takes no more. */
  stop(): void {
    if (this.#over) return;
    this.#over = true;
    this.#source.cancel();
  }
}
