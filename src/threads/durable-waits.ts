import { GatewayError } from "#model/errors.ts";
import type { Doorbell } from "./doorbell.ts";

/** How far the consumer is. */
interface Progress {
  readonly durable: number;
  readonly failed: boolean;
  /** Failures and recoveries so far. */
  readonly failures: number;
}

interface DurableWait {
  readonly sequence: number;
  /** Of the consumer, when the wait began. */
  readonly failures: number;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** Waiting for records to be on disk: one sleep, however many wait, and none while nobody does. */
export class DurableWaits {
  readonly #progress: Progress;
  readonly #bell: Doorbell;
  #waits: DurableWait[] = [];
  #watching: boolean = false;

  constructor(progress: Progress, bell: Doorbell) {
    this.#progress = progress;
    this.#bell = bell;
  }

  /** What is durable is so even if the next write has failed. */
  wait(sequence: number): Promise<void> {
    if (this.#progress.durable >= sequence) return Promise.resolve();
    if (this.#progress.failed) return Promise.reject(auditFailed());
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#waits.push({ sequence, failures: this.#progress.failures, resolve, reject });
    if (!this.#watching) void this.#watch();
    return promise;
  }

  async #watch(): Promise<void> {
    this.#watching = true;
    while (this.#settle()) await this.#bell.sleep(() => this.#canSettle());
    this.#watching = false;
  }

  #canSettle(): boolean {
    const { durable, failed } = this.#progress;
    return failed || this.#waits.some((wait) => wait.sequence <= durable || this.#isLost(wait));
  }

  /** The consumer has failed and recovered since: whether the record was durable before that, nobody can say. */
  #isLost({ failures }: DurableWait): boolean {
    return this.#progress.failures - failures > 1;
  }

  /** Whether anyone still waits. */
  #settle(): boolean {
    const { durable, failed } = this.#progress;
    const waits = this.#waits;
    this.#waits = [];
    for (const wait of waits) {
      // What a failed sync was about may be lost for good, and is told as durable once a later one succeeds.
      if (this.#isLost(wait)) wait.reject(auditFailed());
      else if (wait.sequence <= durable) wait.resolve();
      else if (failed) wait.reject(auditFailed());
      else this.#waits.push(wait);
    }
    return this.#waits.length > 0;
  }
}

function auditFailed(): GatewayError {
  return new GatewayError("audit-unavailable", 503, "the audit record cannot be written", { retryable: true });
}
