import type { Exchange } from "#model/exchange.ts";
import type { AddCredentials } from "./add-credentials.ts";
import type { Balancer } from "./balance/balancer.ts";
import type { StickyCookies } from "./balance/sticky-cookies.ts";
import type { RetryRules } from "./retry/retry-rules.ts";
import type { UpstreamTarget } from "./target.ts";

export interface TargetSetSettings {
  readonly name: string;
  readonly host: "preserve" | "upstream";
  readonly balancer: Balancer;
  readonly sticky?: StickyCookies<UpstreamTarget> | null;
  readonly retries?: RetryRules | null;
  readonly credentials?: AddCredentials | null;
}

/** Where targets come from that are not written down. */
export interface TargetSource {
  /** The first answer is on its way; null: no longer. */
  readonly pending: Promise<void> | null;
  stop(): void;
}

/** The places of a backend, and which of them is next. */
export class TargetSet {
  readonly name: string;
  readonly host: "preserve" | "upstream";
  /** Null: only what has not been sent goes to another target. */
  readonly retries: RetryRules | null;
  /** Null: it has none. */
  readonly credentials: AddCredentials | null;
  readonly #balancer: Balancer;
  readonly #sticky: StickyCookies<UpstreamTarget> | null;
  #targets: readonly UpstreamTarget[] = [];
  #source: TargetSource | null = null;
  /** Only full within `choose`. */
  readonly #candidates: UpstreamTarget[] = [];

  constructor(settings: TargetSetSettings, targets: readonly UpstreamTarget[]) {
    const { name, host, balancer, sticky, retries, credentials } = settings;
    this.name = name;
    this.host = host;
    this.retries = retries ?? null;
    this.credentials = credentials ?? null;
    this.#balancer = balancer;
    this.#sticky = sticky ?? null;
    this.#use(targets);
  }

  get targets(): readonly UpstreamTarget[] {
    return this.#targets;
  }

  get isAvailable(): boolean {
    return this.#targets.some(({ isAvailable }) => isAvailable);
  }

  /** An available one that is not among `tried`, or null. */
  choose(exchange: Exchange, tried: readonly UpstreamTarget[] | null): UpstreamTarget | null {
    const kept = this.#sticky?.find(exchange);
    if (kept !== undefined && isEligible(kept, tried)) return kept;
    const candidates = this.#collect(tried);
    const chosen = candidates.length < 2 ? 0 : this.#balancer(candidates, exchange);
    const target = candidates[chosen] ?? null;
    candidates.length = 0;
    return target;
  }

  /** Value of Set-Cookie that keeps the client with `target`; undefined when none is due. */
  cookieFor(target: UpstreamTarget, exchange: Exchange): string | undefined {
    return this.#sticky?.write(target, exchange);
  }

  /** Its targets come from there from now on, until it is retired. */
  follow(source: TargetSource): void {
    this.#source = source;
  }

  /** Resolves when it is known where its targets are, or that this cannot be known; null when that is so already. */
  get pending(): Promise<void> | null {
    return this.#source?.pending ?? null;
  }

  /** Those that stay keep their connections and what is known of them; those that go end what is under way. */
  replace(targets: readonly UpstreamTarget[]): void {
    const before = this.#targets;
    this.#use(targets);
    for (const target of before) if (!targets.includes(target)) target.retire();
  }

  retire(): void {
    this.#source?.stop();
    for (const target of this.#targets) target.retire();
  }

  #use(targets: readonly UpstreamTarget[]): void {
    this.#targets = targets.toSorted((left, right) => left.priority - right.priority);
    for (const [order, target] of this.#targets.entries()) target.order = order;
    this.#sticky?.follow(new Map(targets.map((target) => [target.address, target])));
  }

  /** Those of the first priority that has any. */
  #collect(tried: readonly UpstreamTarget[] | null): UpstreamTarget[] {
    const candidates = this.#candidates;
    for (const target of this.#targets) {
      const [first] = candidates;
      if (first !== undefined && first.priority !== target.priority) break;
      if (isEligible(target, tried)) candidates.push(target);
    }
    return candidates;
  }
}

function isEligible(target: UpstreamTarget, tried: readonly UpstreamTarget[] | null): boolean {
  return target.isAvailable && (tried === null || !tried.includes(target));
}
