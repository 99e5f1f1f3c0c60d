import type { Found } from "./open-file.ts";

/** What is known of a name is believed for this long; what is asked for often for twice that while one looks again. */
const believedMs = 100;
const maxBytes = 16 * 2 ** 20;
const maxNames = 4096;

interface Known {
  readonly found: Found;
  readonly bytes: number;
  seenMs: number;
}

/**
 * Small files, and names where nothing is, as they were a moment ago: looking costs several ways to another thread
 * and back. Bounded, as clients choose the names; what was asked for longest ago goes first.
 */
export class RecentFiles {
  readonly #known = new Map<string, Known>();
  readonly #nowMs: () => number;
  #bytes = 0;

  /** @param nowMs never goes back */
  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  get(key: string): Found | undefined {
    const known = this.#known.get(key);
    if (known === undefined) return undefined;
    const now = this.#nowMs();
    if (now - known.seenMs < believedMs) return known.found;
    // The one who asks first looks again. The others need not wait for it.
    if (now - known.seenMs < believedMs * 2) known.seenMs += believedMs;
    else this.#forget(key, known);
    return undefined;
  }

  keep(key: string, found: Found): void {
    const before = this.#known.get(key);
    if (before !== undefined) this.#forget(key, before);
    if (typeof found !== "string" && !(found.content instanceof Uint8Array)) return;
    const bytes = key.length + (typeof found === "string" ? 0 : found.size);
    this.#known.set(key, { found, bytes, seenMs: this.#nowMs() });
    this.#bytes += bytes;
    for (const [oldest, known] of this.#known) {
      if (this.#bytes <= maxBytes && this.#known.size <= maxNames) break;
      this.#forget(oldest, known);
    }
  }

  #forget(key: string, { bytes }: Known): void {
    this.#known.delete(key);
    this.#bytes -= bytes;
  }
}
