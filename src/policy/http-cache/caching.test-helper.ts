import { Buffer } from "node:buffer";
import type { Outcome } from "#model/decision.ts";
import { type Exchange, ResponseDraft } from "#model/exchange.ts";
import { HeaderList } from "#model/header-list.ts";
import { exchangeFor, fixedClock, MapCache, policy, portsWith, start } from "#policy/policy.test-helper.ts";

type Args = Parameters<typeof policy>[1];

export const lookingUp = (args: Args = {}): ReturnType<typeof policy> =>
  policy("cache-lookup", {
    semantics: "fixed",
    varyByDeveloper: false,
    varyByDeveloperGroups: false,
    mustRevalidate: true,
    allowPrivate: false,
    ...args,
  });
export const storing = (args: Args = {}): ReturnType<typeof policy> =>
  policy("cache-store", { duration: 60_000, ...args });

/** Requests through a look-up, a backend, and a cache-store. Time is the test's. */
export class CachingRun {
  readonly cache: MapCache = new MapCache();
  now: number = fixedClock.now();
  backend: { status: number; headers: string[]; body: string } = {
    status: 200,
    headers: ["Content-Type", "text/plain"],
    body: "made",
  };
  readonly #lookup: ReturnType<typeof policy>;
  readonly #store: ReturnType<typeof policy>;

  constructor(lookup: ReturnType<typeof policy> = lookingUp(), store: ReturnType<typeof policy> = storing()) {
    this.#lookup = lookup;
    this.#store = store;
  }

  /** @returns `hit`, `made`, or the reason of a refusal */
  async ask(exchange: Exchange = exchangeFor()): Promise<string> {
    const clock = { now: () => this.now, mono: () => 0 };
    const ports = portsWith({ cache: this.cache, clock });
    const found = await start([this.#lookup], exchange, { ports });
    if (found !== undefined) return shown(found);
    const { status, headers, body } = this.backend;
    exchange.response = new ResponseDraft(status, "", new HeaderList([...headers]), Buffer.from(body), "upstream");
    const outcome = await start([this.#store], exchange, { section: "outbound", ports });
    return outcome === undefined ? "made" : shown(outcome);
  }
}

function shown(outcome: Outcome): string {
  return outcome?.kind === "refusal" ? outcome.reason : "hit";
}
