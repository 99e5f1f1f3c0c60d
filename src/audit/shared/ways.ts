import type { Exchange, Handover, RequestFacts, TlsFacts, UpstreamFacts } from "#model/exchange.ts";
import { isPlain } from "#audit/handover-writer.ts";
import type { ApiFacts, Route } from "#model/snapshot.ts";
import type { Told } from "./shared-teller.ts";

/** What a request had in common with others that took the same way, and what the writer thread was told of it. */
export interface Way {
  readonly route: Route;
  readonly api: ApiFacts;
  readonly method: string;
  readonly host: string;
  readonly protocol: RequestFacts["protocol"];
  readonly tls: TlsFacts | null;
  readonly status: number;
  readonly trail: readonly Handover[];
  readonly upstream: UpstreamFacts | null;
  told: Told | null;
}

/** A host is the client's choice, and so is much of what becomes of a request. */
const waysOfRoute = 8;
const keptWays = 1024;

/** The ways that requests have taken of late. */
export class Ways {
  #byRoute: (Way[] | undefined)[] = [];
  #count = 0;

  /** The way of an exchange of a route, all of whose hand-overs passed. Null: it is new, or another kind of exchange. */
  find(exchange: Exchange, route: Route, status: number): Way | null {
    const known = this.#byRoute[route.id];
    if (known === undefined) return null;
    for (let at = 0; at < known.length; at += 1) {
      const way = known[at] as Way;
      if (way.route === route && isAlike(way, exchange, status)) return way;
    }
    return null;
  }

  add({ facts, trail, upstream }: Exchange, route: Route, api: ApiFacts, status: number): void {
    if (this.#count >= keptWays) {
      this.#byRoute = [];
      this.#count = 0;
    }
    const ways = (this.#byRoute[route.id] ??= []);
    if (ways.length >= waysOfRoute) this.#count -= ways.splice(0, waysOfRoute / 2).length;
    const { method, host, protocol, tls } = facts;
    ways.push({ route, api, method, host, protocol, tls, status, trail: [...trail], upstream, told: null });
    this.#count += 1;
  }
}

function isAlike(way: Way, { facts, api, trail, upstream }: Exchange, status: number): boolean {
  return (
    way.status === status &&
    way.api === api &&
    way.method === facts.method &&
    way.protocol === facts.protocol &&
    way.host === facts.host &&
    isSameTls(way.tls, facts.tls) &&
    isSameUpstream(way.upstream, upstream) &&
    isSameTrail(way.trail, trail)
  );
}

function isSameTls(one: TlsFacts | null, other: TlsFacts | null): boolean {
  if (one === null || other === null) return one === other;
  return one.version === other.version && one.cipher === other.cipher;
}

function isSameUpstream(one: UpstreamFacts | null, other: UpstreamFacts | null): boolean {
  if (one === null || other === null) return one === other;
  return (
    one.name === other.name && one.address === other.address && one.status === other.status && one.tries === other.tries
  );
}

/** What is kept has passed, with nothing more to say. */
function isSameTrail(kept: readonly Handover[], trail: readonly Handover[]): boolean {
  if (kept.length !== trail.length) return false;
  for (let at = 0; at < kept.length; at += 1) {
    const one = kept[at] as Handover;
    const other = trail[at] as Handover;
    if (one.step !== other.step || one.door !== other.door || one.policy !== other.policy || !isPlain(other)) {
      return false;
    }
  }
  return true;
}
