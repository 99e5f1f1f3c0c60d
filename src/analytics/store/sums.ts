import type { SQLOutputValue } from "node:sqlite";
import type { Latency, Measures } from "#analytics/question.ts";
import { Sketch } from "#analytics/sketch.ts";
import { addSketchBytes } from "#analytics/sketch-bytes.ts";

export type Row = Readonly<Record<string, SQLOutputValue>>;

/** Of rows `r` and their series `s`. */
export const summed = `sum(r.calls) AS calls, sum(r.denied) AS denied,
  sum(CASE WHEN s.status = '5xx' THEN r.calls ELSE 0 END) AS errors,
  sum(r.bytes_in) AS bytes_in, sum(r.bytes_out) AS bytes_out, sum(r.cache_hits) AS cache_hits, sum(r.tokens) AS tokens,
  sum(r.sum_ms) AS sum_ms, max(r.max_ms) AS max_ms, sketch_sum(r.sketch) AS sketch`;

const counts = ["calls", "denied", "errors", "bytes_in", "bytes_out", "cache_hits", "tokens", "sum_ms"] as const;

/** Rows added up. */
export class Sums {
  readonly #counts = new Map<string, number>();
  readonly #sketch = new Sketch();
  #max = 0;

  add(row: Row): this {
    for (const name of counts) this.#counts.set(name, this.#of(name) + Number(row[name] ?? 0));
    this.#max = Math.max(this.#max, Number(row["max_ms"] ?? 0));
    const { sketch } = row;
    if (sketch instanceof Uint8Array) addSketchBytes(this.#sketch, sketch);
    return this;
  }

  get measures(): Measures {
    return {
      calls: this.#of("calls"),
      denied: this.#of("denied"),
      errors: this.#of("errors"),
      bytesIn: this.#of("bytes_in"),
      bytesOut: this.#of("bytes_out"),
      cacheHits: this.#of("cache_hits"),
      tokens: this.#of("tokens"),
      latency: this.#latency,
    };
  }

  get #latency(): Latency | null {
    const { count } = this.#sketch;
    if (count === 0) return null;
    // No quantile is longer than the longest, which is known exactly.
    const at = (share: number): number => rounded(Math.min(this.#sketch.quantile(share) ?? 0, this.#max));
    const mean = rounded(this.#of("sum_ms") / count);
    return { mean, p50: at(0.5), p95: at(0.95), p99: at(0.99), max: rounded(this.#max) };
  }

  #of(name: (typeof counts)[number]): number {
    return this.#counts.get(name) ?? 0;
  }
}

/** Microseconds are as fine as it is measured. */
function rounded(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
