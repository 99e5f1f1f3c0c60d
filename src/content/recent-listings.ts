import type { Listing } from "./list-folder.ts";

type Found = Listing | "missing" | "forbidden";

interface Kept {
  readonly found: Found;
  readonly until: number;
}

const keepMs = 1000;
/** Of two thousand names each at most. */
const mostKept = 32;

/** Folders as they were a moment ago. */
export class RecentListings {
  readonly #kept = new Map<string, Kept>();
  readonly #nowMs: () => number;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  get(key: string): Found | undefined {
    const kept = this.#kept.get(key);
    return kept !== undefined && kept.until > this.#nowMs() ? kept.found : undefined;
  }

  keep(key: string, found: Found): void {
    this.#kept.delete(key);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size >= mostKept && oldest !== undefined) this.#kept.delete(oldest);
    this.#kept.set(key, { found, until: this.#nowMs() + keepMs });
  }
}
