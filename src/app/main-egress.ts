import type { Clock, Egress, EgressRequest, EgressResponse } from "#model/ports.ts";
import { createEgress } from "#upstream/egress-fetch.ts";
import type { OwnAddress } from "#upstream/egress.ts";
import type { TimerWheel } from "#wire/timer-wheel.ts";

export interface MainEgressOptions {
  /** `egress.allow` of the definition in force. */
  readonly allow: () => readonly string[];
  readonly ownAddresses: () => readonly OwnAddress[];
  readonly clock: Clock;
  readonly wheel: TimerWheel;
}

/** The way out of main to what the definition names, with connections that are kept. */
export class MainEgress implements Egress {
  readonly #options: MainEgressOptions;
  #current: Egress | null = null;

  constructor(options: MainEgressOptions) {
    this.#options = options;
  }

  fetch(request: EgressRequest): Promise<EgressResponse> {
    const { allow, ownAddresses, clock, wheel } = this.#options;
    this.#current ??= createEgress({ allow: allow(), ownAddresses: ownAddresses(), clock, wheel });
    return this.#current.fetch(request);
  }

  /** Another definition is in force: what it does not allow is not reached any more. */
  close(): void {
    this.#current?.close?.();
    this.#current = null;
  }
}
