import { quantile } from "../statistics.ts";

/** What one turn of load is to be. */
export interface Turn {
  readonly seconds: number;
  /** Requests a second, whether or not the ones before have been answered; null: each connection asks as fast as it gets answers. */
  readonly rate: number | null;
}

export interface LoadResult {
  /** Answered with 200. */
  readonly requests: number;
  readonly failures: number;
  readonly firstFailure: string;
  readonly seconds: number;
  /** Milliseconds until the answer was there; with a rate, since the request was due. null: not known. */
  readonly p50: number | null;
  readonly p99: number | null;
}

/** Counts the answers of one turn. */
export class Tally {
  readonly #latencies: number[] = [];
  #failures = 0;
  #firstFailure = "";

  answered(ms: number): void {
    this.#latencies.push(ms);
  }

  failed(why: string): void {
    this.#failures += 1;
    this.#firstFailure ||= why;
  }

  result(seconds: number): LoadResult {
    const at = (share: number): number | null =>
      this.#latencies.length === 0 ? null : Math.round(quantile(this.#latencies, share) * 1000) / 1000;
    return {
      requests: this.#latencies.length,
      failures: this.#failures,
      firstFailure: this.#firstFailure,
      seconds,
      p50: at(0.5),
      p99: at(0.99),
    };
  }
}
