import { statusOf } from "#audit/outcome-writer.ts";
import type { ApiFacts } from "#model/snapshot.ts";
import type { Exchange } from "#model/exchange.ts";
import { durationBuckets, type Exemplar } from "#model/metrics.ts";
import type { Clock, EventSink } from "#model/ports.ts";
import { countingSink } from "./counting-sink.ts";

/** What a worker has counted of one API since it last told main. */
export interface RequestNews {
  readonly api: string;
  /** By the first digit of the status; 0: nothing was ever decided. */
  readonly classes: readonly number[];
  /** Of each of `durationBuckets` alone, and of what is above. */
  readonly durations: readonly number[];
  /** Seconds. */
  readonly sum: number;
  /** The last one of each bucket that had any. */
  readonly exemplars: readonly Exemplar[];
}

const classCount = 6;
/** Of requests that no API was found for. */
const noApi = "none";
const switched = 101;

class Column {
  readonly classes: Float64Array = new Float64Array(classCount);
  readonly durations: Float64Array = new Float64Array(durationBuckets.length + 1);
  sum = 0;
  any = false;
  readonly exemplars: (Exemplar | undefined)[] = [];
}

function exemplarsOf({ exemplars }: Column): readonly Exemplar[] {
  return exemplars.filter((one) => one !== undefined);
}

type Columns = Map<ApiFacts, Column>;

/**
 * Counts what is over, on the worker: a look-up and a few additions a request, no allocation. Main is told now and then
 * and adds it up, so that a worker that ends takes the last moment with it, and no counter ever falls.
 */
export class RequestCounts {
  readonly #clock: Clock;
  readonly #byName = new Map<string, Column>();
  readonly #none: Column;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#none = this.#columnOf(noApi);
  }

  /** Counts on the way to the sink of one snapshot, whose facts of an API are one object. */
  before(sink: EventSink): EventSink {
    const columns: Columns = new Map();
    return countingSink(sink, (exchange) => this.note(exchange, columns));
  }

  note(exchange: Exchange, columns: Columns): void {
    const column = exchange.api === null ? this.#none : (columns.get(exchange.api) ?? this.#add(exchange.api, columns));
    const status = statusOf(exchange);
    const digit = Math.min(Math.trunc(status / 100), classCount - 1);
    column.classes[digit] = (column.classes[digit] as number) + 1;
    column.any = true;
    if (status === switched) return;
    const seconds = (this.#clock.mono() - exchange.facts.startedMono) / 1000;
    let at = 0;
    while (at < durationBuckets.length && seconds > (durationBuckets[at] as number)) at += 1;
    column.durations[at] = (column.durations[at] as number) + 1;
    column.sum += seconds;
    const { trace } = exchange;
    // Those that somebody can look up: a share of a share.
    if (trace !== null && trace.sampled) {
      column.exemplars[at] = { bucket: at, traceId: trace.traceId, seconds, at: this.#clock.now() };
    }
  }

  /** What was counted since the last time. */
  take(): readonly RequestNews[] {
    const news: RequestNews[] = [];
    for (const [api, column] of this.#byName) {
      if (!column.any) continue;
      news.push({
        api,
        classes: [...column.classes],
        durations: [...column.durations],
        sum: column.sum,
        exemplars: exemplarsOf(column),
      });
      column.exemplars.length = 0;
      column.classes.fill(0);
      column.durations.fill(0);
      column.sum = 0;
      column.any = false;
    }
    return news;
  }

  #add(api: ApiFacts, columns: Columns): Column {
    const column = this.#columnOf(api.name);
    columns.set(api, column);
    return column;
  }

  #columnOf(name: string): Column {
    const known = this.#byName.get(name);
    if (known !== undefined) return known;
    const column = new Column();
    this.#byName.set(name, column);
    return column;
  }
}
