import type { Exchange } from "#model/exchange.ts";
import type { TraceContext } from "#model/trace.ts";

/** Of the trace that it is in; of one that is in none, its own id, whose end is random. */
export function traceIdOf({ trace, facts }: Exchange): string {
  return trace?.traceId ?? facts.id.replaceAll("-", "");
}

/** What an exchange is told by that is part of nobody's trace: its ids are made of its own. */
export function ownTrace({ facts }: Exchange, upstreamSpanId: string): TraceContext {
  const traceId = facts.id.replaceAll("-", "");
  return {
    traceId,
    parentId: "",
    spanId: traceId.slice(16),
    upstreamSpanId,
    sampled: true,
    exported: false,
    state: null,
    dropBaggage: false,
  };
}
