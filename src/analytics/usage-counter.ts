import type { Exchange } from "#model/exchange.ts";
import type { Principal } from "#model/principal.ts";
import type { Route } from "#model/snapshot.ts";
import { CellTable, kinds, separator } from "./cell-table.ts";
import { none, other } from "./dimensions.ts";
import { noneNumber, otherNumber } from "./names.ts";
import type { Told } from "./told.ts";

/** Told in one message: about a millisecond of the worker's time. */
const cellsAtOnce = 512;
const switched = 101;
/** Of requests that no API was found for. */
const noApi = "none";
/** Of the gateway's own pages. No API of a definition can be called so. */
const ownPages = "_pages";

/** The numbers of one snapshot's routes: on a request's way, a read of an array. */
export class RouteNumbers {
  readonly region: string;
  readonly numbers: Int32Array;
  /** Whose numbers these are. */
  table: CellTable | null = null;

  constructor(routes: number, region: string) {
    this.region = region;
    this.numbers = new Int32Array(routes);
  }
}

/**
 * Counts finished exchanges on a worker: in one cell all that are alike in every dimension. One costs some look-ups by
 * texts whose hash is known, a probe and a dozen additions; nothing is allocated for it. What is told apart is bounded,
 * dimension by dimension and in all.
 */
export class UsageCounter {
  #table = new CellTable();
  #region = "";
  #since: number;

  /** @param now milliseconds since the epoch */
  constructor(now: number) {
    this.#since = now;
  }

  /** @param denied it was turned away @param ms of the whole exchange */
  note(exchange: Exchange, routes: RouteNumbers, status: number, denied: boolean, ms: number): void {
    const { principal, subscription, product, refusal, upstream } = exchange;
    const table = this.#table;
    const cell = table.find(
      this.#routeOf(exchange, routes),
      Math.min(5, Math.trunc(status / 100)),
      kinds.indexOf(principal.kind),
      subscription === null ? noneNumber : table.subscriptions.numberOf(subscription.id),
      refusal === null ? noneNumber : table.reasons.numberOf(refusal.reason),
      product === null ? noneNumber : table.products.numberOf(product.name),
      upstream === null ? noneNumber : table.upstreams.numberOf(upstream.name),
      this.#agentOf(principal),
    );
    cell.calls += 1;
    if (denied) cell.denied += 1;
    cell.bytesIn += exchange.bytesIn;
    cell.bytesOut += exchange.bytesOut;
    cell.tokens += exchange.tokens;
    // An answer that outbound goes on with is one of `cache-lookup`.
    if (exchange.answer?.outbound === true) cell.cacheHits += 1;
    // The time of a switched connection is its client's, not ours.
    if (status === switched) return;
    cell.sumMs += ms;
    if (ms > cell.maxMs) cell.maxMs = ms;
    cell.sketch.add(ms);
  }

  /** What was counted since the last time, in lots of bounded size: other requests may run between two of them. */
  *take(now: number): Generator<Told> {
    const table = this.#table;
    const since = this.#since;
    const region = this.#region;
    this.#since = now;
    // Who is not here any more is to make room for who is.
    if (table.isCrowded) this.#table = new CellTable();
    const told = table.cells.filter(({ calls }) => calls > 0);
    for (let at = 0; at < told.length; at += cellsAtOnce) {
      const lot = table.tell(told.slice(at, at + cellsAtOnce));
      yield { since, region, ...lot, beyond: table.takeBeyond() };
    }
  }

  #routeOf(exchange: Exchange, routes: RouteNumbers): number {
    const { route, api } = exchange;
    this.#region = routes.region;
    if (route === null) return this.#table.operations.numberOf((api?.name ?? withoutApi(exchange)) + separator + none);
    if (routes.table !== this.#table) {
      routes.numbers.fill(-1);
      routes.table = this.#table;
    }
    const known = routes.numbers[route.id] ?? -1;
    return known >= 0 ? known : this.#learn(exchange, route, routes);
  }

  #learn({ api }: Exchange, { id, operation }: Route, { numbers }: RouteNumbers): number {
    const { operations } = this.#table;
    const name = (api?.name ?? noApi) + separator;
    const number = operations.numberOf(name + operation);
    // Of thousands of operations, the API at least.
    numbers[id] = number === otherNumber ? operations.numberOf(name + other) : number;
    return numbers[id] as number;
  }

  /** Whoever acts: the principal, or the first agent that acts for it. */
  #agentOf(principal: Principal): number {
    for (let one: Principal | undefined = principal; one !== undefined; one = one.actor) {
      if (one.kind === "agent") return this.#table.agents.numberOf(one.id);
    }
    return noneNumber;
  }
}

function withoutApi({ trail }: Exchange): string {
  return trail.some(({ door, step }) => door === "edge" && step === "site") ? ownPages : noApi;
}
