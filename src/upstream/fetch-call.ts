import { GatewayError } from "#model/errors.ts";
import { HeaderList } from "#model/header-list.ts";
import type { EgressResponse } from "#model/ports.ts";
import type { ResponseHead } from "#wire/http1-response-parser.ts";
import { createPool } from "#wire/create-pool.ts";
import type { PoolSettings } from "#wire/pool.ts";
import type { Target } from "#wire/dial.ts";
import { Timeout } from "#wire/timer-wheel.ts";
import type { PoolUser, RequestHead, Transport, TransportPool, TransportUser } from "#wire/transport.ts";

export interface FetchPlan {
  readonly target: Target;
  readonly head: RequestHead;
  readonly body: Uint8Array | null;
  /** For everything, from the look-up to the last byte. */
  readonly timeoutMs: number;
  readonly maxBytes: number;
}

/** One request on a connection of its own, its answer in memory within bounds. */
export function fetchOnce(plan: FetchPlan, settings: PoolSettings): Promise<EgressResponse> {
  return new Promise((resolve, reject) => new FetchCall(plan, settings, resolve, reject).run());
}

class FetchCall implements PoolUser, TransportUser {
  readonly #plan: FetchPlan;
  readonly #settings: PoolSettings;
  readonly #pool: TransportPool;
  readonly #timeout: Timeout = new Timeout(() => this.#timedOut());
  readonly #resolve: (response: EgressResponse) => void;
  readonly #reject: (error: GatewayError) => void;
  readonly #chunks: Buffer[] = [];
  #received = 0;
  #head: ResponseHead | null = null;
  #transport: Transport | null = null;

  constructor(
    plan: FetchPlan,
    settings: PoolSettings,
    resolve: (response: EgressResponse) => void,
    reject: (error: GatewayError) => void,
  ) {
    this.#plan = plan;
    this.#settings = settings;
    this.#pool = createPool(plan.target, settings);
    this.#resolve = resolve;
    this.#reject = reject;
  }

  run(): void {
    this.#settings.wheel.arm(this.#timeout, this.#plan.timeoutMs);
    this.#pool.acquire(this, false);
  }

  connected(transport: Transport): void {
    this.#transport = transport;
    transport.send(this, this.#plan.head, this.#plan.body, true, this.#plan.timeoutMs);
  }

  refused(error: GatewayError): void {
    this.#settle();
    this.#reject(error);
  }

  interim(): void {
    // Nothing here is for a client.
  }

  head(head: ResponseHead): void {
    this.#head = head;
    if (head.framing.body > this.#plan.maxBytes) this.#breakOff(tooLarge());
  }

  data(chunk: Buffer): void {
    this.#received += chunk.length;
    if (this.#received > this.#plan.maxBytes) this.#breakOff(tooLarge());
    else this.#chunks.push(chunk);
  }

  end(): void {
    const head = this.#head as ResponseHead;
    this.#settle();
    const body = Buffer.concat(this.#chunks, this.#received);
    this.#resolve({ status: head.status, headers: new HeaderList(head.fields), body });
  }

  failed(error: GatewayError): void {
    this.refused(error);
  }

  drained(): void {
    // The request is one small write.
  }

  #timedOut(): void {
    this.#breakOff(
      new GatewayError("upstream-timeout", 504, "the server did not answer in time", { source: "upstream" }),
    );
  }

  #breakOff(error: GatewayError): void {
    this.#pool.cancel(this);
    this.#transport?.abandon();
    this.refused(error);
  }

  #settle(): void {
    this.#settings.wheel.disarm(this.#timeout);
    this.#pool.retire();
  }
}

function tooLarge(): GatewayError {
  return new GatewayError("upstream-malformed", 502, "the answer is larger than allowed", { source: "upstream" });
}
