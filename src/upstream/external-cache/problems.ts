import type { CacheProblem } from "#model/external-cache.ts";
import type { Clock, Log } from "#model/ports.ts";

const everyMs = 60_000;

export type CacheProblemCounts = Readonly<Partial<Record<CacheProblem, number>>>;

/** Counts all problems, and logs one a minute: a cache that is down fails with every request. */
export class CacheProblems {
  readonly #log: Log;
  readonly #clock: Pick<Clock, "mono">;
  #counts: Partial<Record<CacheProblem, number>> = {};
  #loggedAt = -Infinity;
  #unlogged = 0;

  constructor(log: Log, clock: Pick<Clock, "mono">) {
    this.#log = log;
    this.#clock = clock;
  }

  note(problem: CacheProblem, error?: unknown): void {
    this.#counts[problem] = (this.#counts[problem] ?? 0) + 1;
    const now = this.#clock.mono();
    if (now - this.#loggedAt < everyMs) {
      this.#unlogged += 1;
      return;
    }
    this.#log.warn("the external cache does not serve", { problem, code: codeOf(error), more: this.#unlogged });
    this.#loggedAt = now;
    this.#unlogged = 0;
  }

  /** What has come since it was last asked. */
  take(): CacheProblemCounts {
    const taken = this.#counts;
    this.#counts = {};
    return taken;
  }
}

/** The code of Node, or the first word of the server's answer: the rest of a message is what somebody else wrote. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return "";
  if ("code" in error && typeof error.code === "string") return error.code.slice(0, 64);
  return /^[A-Z]{2,20}\b/.exec(error.message)?.[0] ?? error.name;
}
