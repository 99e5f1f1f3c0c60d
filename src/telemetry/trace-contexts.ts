import type { HeaderList } from "#model/header-list.ts";
import type { TraceContext, TraceSettings } from "#model/trace.ts";
import type { SpanIds } from "./span-ids.ts";
import { traceParentOf } from "./trace-parent.ts";

/** Of the last seven bytes of a trace id, which are random in any trace. @see https://www.w3.org/TR/trace-context-2/#random-trace-id-flag */
const randomRange = 2 ** 56;
const randomFrom = 18;

/** Puts requests into traces: into the one that they come with, or into one of their own. */
export class TraceContexts {
  readonly #ids: SpanIds;
  #settings: TraceSettings | null;

  constructor(ids: SpanIds, settings: TraceSettings | null) {
    this.#ids = ids;
    this.#settings = settings;
  }

  /** Null: there are no traces here, and what the client says of one goes on as it came. */
  use(settings: TraceSettings | null): void {
    this.#settings = settings;
  }

  begin(headers: HeaderList): TraceContext | null {
    const settings = this.#settings;
    if (settings === null) return null;
    const parent = settings.parent === "follow" ? traceParentOf(headers) : null;
    const traceId = parent?.traceId ?? this.#ids.traceId();
    const sampled = parent?.sampled ?? isChosen(traceId, settings.ratio);
    return {
      traceId,
      parentId: parent?.spanId ?? "",
      spanId: this.#ids.spanId(),
      upstreamSpanId: this.#ids.spanId(),
      sampled,
      exported: sampled && settings.exported,
      state: parent?.state ?? null,
      dropBaggage: settings.parent === "ignore",
    };
  }
}

/** By the id itself, so that all who ask the same share choose the same traces. */
export function isChosen(traceId: string, ratio: number): boolean {
  return Number.parseInt(traceId.slice(randomFrom), 16) < ratio * randomRange;
}
