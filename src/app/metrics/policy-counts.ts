import type { PolicyMeter } from "#model/metrics.ts";

/** What a worker's policies have added up of one series since main was last told. */
interface PolicyNews {
  readonly namespace: string;
  readonly metric: string;
  readonly dimensions: string;
  readonly sum: number;
  readonly count: number;
}

export interface EmittedNews {
  readonly news: readonly PolicyNews[];
  /** Left out, because there were too many series. */
  readonly dropped: number;
}

/** Series between two tellings; values of dimensions may be what clients send. */
const most = 5000;

type Column = { -readonly [Field in keyof PolicyNews]: PolicyNews[Field] };

/** Adds up on the worker what `emit-metric` counts; main is told now and then. */
export class PolicyCounts implements PolicyMeter {
  #series = new Map<string, Column>();
  /** Left out since main was last told, because there were too many. */
  #dropped = 0;

  emit(namespace: string, metric: string, dimensions: string, value: number): void {
    const name = `${namespace}\n${metric}\n${dimensions}`;
    const known = this.#series.get(name);
    if (known !== undefined) {
      known.sum += value;
      known.count += 1;
    } else if (this.#series.size < most)
      this.#series.set(name, { namespace, metric, dimensions, sum: value, count: 1 });
    else this.#dropped += 1;
  }

  take(): EmittedNews {
    const taken = { news: [...this.#series.values()], dropped: this.#dropped };
    if (taken.news.length > 0) this.#series = new Map();
    this.#dropped = 0;
    return taken;
  }
}
