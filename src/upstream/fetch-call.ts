import { GatewayError } from "#model/errors.ts";
import { HeaderList } from "#model/header-list.ts";
import type { EgressResponse } from "#model/ports.ts";
import type { ResponseHead } from "#wire/http1-response-parser.ts";
import { createPool } from "#wire/create-pool.ts";
import type { PoolSettings } from "#wire/pool.ts";
import type { Target } from "#wire/dial.ts";
import { Timeout } from "#wire/timer-wheel.ts";
import { proxyRefused, refusesProxyLogin } from "./proxy-route.ts";
import type { PoolUser, Progress, RequestHead, Transport, TransportPool, TransportUser } from "#wire/transport.ts";

export interface FetchPlan {
  readonly target: Target;
  readonly head: RequestHead;
  readonly body: Uint8Array | null;
  /** For everything, from the look-up to the last byte. */
  readonly timeoutMs: number;
  readonly maxBytes: number;
  /** What is longer is cut there; else it fails. */
  readonly cuts?: true;
  readonly admit?: (bytes: number) => boolean;
  readonly signal?: AbortSignal;
}

/** One request on a connection of its own, its answer in memory within bounds. */
export async function fetchOnce(plan: FetchPlan, settings: PoolSettings): Promise<EgressResponse> {
  const pool = createPool(plan.target, settings);
  try {
    return await fetchThrough(pool, plan, settings);
  } finally {
    pool.retire();
  }
}

/** The same on a connection of the pool, which keeps it for the next one. */
export function fetchThrough(pool: TransportPool, plan: FetchPlan, settings: PoolSettings): Promise<EgressResponse> {
  return new Promise((resolve, reject) => new FetchCall(pool, plan, settings, resolve, reject).run());
}

class FetchCall implements PoolUser, TransportUser {
  readonly clientAddress = "";
  readonly #plan: FetchPlan;
  readonly #settings: PoolSettings;
  readonly #pool: TransportPool;
  /** The connection has carried a request before: its peer may be closing it just now. */
  #reused = false;
  readonly #timeout: Timeout = new Timeout(() => this.#timedOut());
  readonly #resolve: (response: EgressResponse) => void;
  readonly #reject: (error: GatewayError) => void;
  readonly #chunks: Buffer[] = [];
  #received = 0;
  #head: ResponseHead | null = null;
  #transport: Transport | null = null;

  constructor(
    pool: TransportPool,
    plan: FetchPlan,
    settings: PoolSettings,
    resolve: (response: EgressResponse) => void,
    reject: (error: GatewayError) => void,
  ) {
    this.#plan = plan;
    this.#settings = settings;
    this.#pool = pool;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  run(): void {
    const { signal } = this.#plan;
    if (signal?.aborted === true) return this.#reject(aborted());
    signal?.addEventListener("abort", this.#aborted);
    this.#settings.wheel.arm(this.#timeout, this.#plan.timeoutMs);
    this.#pool.acquire(this, false);
  }

  connected(transport: Transport, reused: boolean): void {
    this.#transport = transport;
    this.#reused = reused;
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
    const { proxy, tls } = this.#plan.target;
    if (refusesProxyLogin(head, proxy ?? null, tls !== null)) return this.#breakOff(proxyRefused());
    this.#head = head;
    if (head.framing.body > this.#plan.maxBytes && this.#plan.cuts !== true) this.#breakOff(tooLarge());
  }

  data(chunk: Buffer): void {
    this.#received += chunk.length;
    const { maxBytes, admit } = this.#plan;
    if (this.#received > maxBytes) this.#overflow(chunk);
    else if (admit?.(chunk.length) === false) this.#breakOff(noRoom());
    else this.#chunks.push(chunk);
  }

  #overflow(chunk: Buffer): void {
    if (this.#plan.cuts !== true) return this.#breakOff(tooLarge());
    this.#chunks.push(chunk);
    this.#pool.cancel(this);
    this.#transport?.abandon();
    return this.#answer(true);
  }

  end(): void {
    this.#answer(false);
  }

  #answer(isCut: boolean): void {
    const { status, statusText, fields } = this.#head as ResponseHead;
    this.#settle();
    const body = Buffer.concat(this.#chunks).subarray(0, this.#plan.maxBytes);
    this.#resolve({ status, statusText, headers: new HeaderList(fields), body, ...(isCut && { isCut }) });
  }

  failed(error: GatewayError, progress: Progress): void {
    if (!this.#mayRepeat(error, progress)) return this.refused(error);
    this.#transport = null;
    return this.#pool.acquire(this, true);
  }

  /** What a kept connection did not answer at all is asked once more on a new one, if asking twice does no harm. */
  #mayRepeat({ code }: GatewayError, progress: Progress): boolean {
    const { method } = this.#plan.head;
    const harmless = method === "GET" || method === "HEAD" || progress === "unprocessed";
    return this.#reused && harmless && this.#head === null && code === "upstream-reset";
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

  readonly #aborted = (): void => this.#breakOff(aborted());

  #settle(): void {
    this.#settings.wheel.disarm(this.#timeout);
    this.#plan.signal?.removeEventListener("abort", this.#aborted);
  }
}

function tooLarge(): GatewayError {
  return new GatewayError("upstream-malformed", 502, "the answer is larger than allowed", { source: "upstream" });
}

function noRoom(): GatewayError {
  return new GatewayError("body-room-full", 503, "no memory is left for the answer", { retryable: true });
}

function aborted(): GatewayError {
  return new GatewayError("client-aborted", 499, "nobody wants the answer any more", { source: "client" });
}
