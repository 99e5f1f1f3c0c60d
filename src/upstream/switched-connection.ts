import type { BodySink, TunnelSource } from "#model/body.ts";
import type { GatewayError } from "#model/errors.ts";
import type { Transport } from "#wire/transport.ts";

/** Who has a switched connection to the upstream. */
export interface SwitchOwner {
  /** Both directions are over. */
  bothEnded(): void;
  carryFailed(error: GatewayError): void;
}

/**
 * A connection to the upstream after a 101: two directions, each with an end of its own. What the client sends goes this
 * way, no faster than the upstream takes it.
 */
export class SwitchedConnection implements BodySink {
  readonly #transport: Transport;
  readonly #owner: SwitchOwner;
  #source: TunnelSource | null = null;
  #peerEnded = false;
  #paused = false;
  #over = false;

  constructor(transport: Transport, owner: SwitchOwner) {
    this.#transport = transport;
    this.#owner = owner;
  }

  /** What the upstream sends is over, what the client sends may not be. */
  get peerEnded(): boolean {
    return this.#peerEnded;
  }

  /** From here on, what the client sends is carried. Once. */
  carry(source: TunnelSource): void {
    if (this.#over) return source.cancel();
    this.#source = source;
    source.start(this);
  }

  /** @returns whether the client's direction is over as well */
  peerEnds(): boolean {
    if (this.#over) return true;
    this.#peerEnded = true;
    return false;
  }

  data(chunk: Uint8Array): void {
    if (this.#over || this.#transport.write(chunk) || this.#paused) return;
    this.#paused = true;
    this.#source?.pause();
  }

  end(): void {
    if (this.#over) return;
    this.#over = true;
    this.#transport.finish(null);
    if (this.#peerEnded) this.#owner.bothEnded();
  }

  fail(error: GatewayError): void {
    if (this.#over) return;
    this.#over = true;
    this.#owner.carryFailed(error);
  }

  drained(): void {
    if (!this.#paused || this.#over) return;
    this.#paused = false;
    this.#source?.resume();
  }

  /** The upstream takes no more. */
  stop(): void {
    if (this.#over) return;
    this.#over = true;
    this.#source?.cancel();
  }
}
