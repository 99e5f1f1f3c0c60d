import type { ShadowDifference, ShadowNews, ShadowOutcome } from "#model/shadow.ts";
import type { Difference } from "#shadow/difference.ts";
import { tellPlace } from "#shadow/tell-place.ts";
import { foldedBy } from "./folded-by.ts";

/** Kinds of differences between two tellings: places in bodies are for backends to choose. */
const most = 500;

interface Seen {
  readonly api: string;
  readonly operation: string;
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** Adds up on the worker what mirrors find; main is told now and then. */
export class ShadowCounts {
  #outcomes = new Map<string, { api: string; outcome: ShadowOutcome; count: number }>();
  #differences = new Map<string, ShadowDifference>();
  #dropped = 0;

  note(api: string, outcome: ShadowOutcome): void {
    const known = this.#outcomes.get(`${outcome} ${api}`);
    if (known === undefined) this.#outcomes.set(`${outcome} ${api}`, { api, outcome, count: 1 });
    else known.count += 1;
  }

  differ({ api, operation, id, at }: Seen, difference: Difference): void {
    const { kind, place, old, fresh } = tellPlace(difference);
    const key = foldedBy({ api, operation, kind, place, old, fresh });
    const known = this.#differences.get(key);
    if (known === undefined && this.#differences.size >= most) {
      this.#dropped += 1;
      return;
    }
    const count = (known?.count ?? 0) + 1;
    this.#differences.set(key, { api, operation, kind, place, old, fresh, count, lastAt: at, example: id });
  }

  /** What has come since it was last asked; null: nothing. */
  take(): ShadowNews | null {
    if (this.#outcomes.size === 0) return null;
    const taken = {
      outcomes: [...this.#outcomes.values()],
      differences: [...this.#differences.values()],
      dropped: this.#dropped,
    };
    this.#outcomes = new Map();
    this.#differences = new Map();
    this.#dropped = 0;
    return taken;
  }
}
