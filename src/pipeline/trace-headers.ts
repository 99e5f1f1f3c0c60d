import type { HeaderList } from "#model/header-list.ts";
import { type TraceContext, traceparentOf } from "#model/trace.ts";

/** What the upstream is told of the trace: its parent is our call, not whoever called us. Baggage goes on as it came. */
export function applyTrace(headers: HeaderList, trace: TraceContext): void {
  headers.set("traceparent", traceparentOf(trace, trace.upstreamSpanId));
  if (trace.state === null) headers.delete("tracestate");
  else headers.set("tracestate", trace.state);
  if (trace.dropBaggage) headers.delete("baggage");
}
