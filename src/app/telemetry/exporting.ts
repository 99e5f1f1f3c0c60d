import { countingSink } from "#app/metrics/counting-sink.ts";
import { decisionOf, statusOf } from "#audit/outcome-writer.ts";
import type { Clock, EventSink } from "#model/ports.ts";
import { finishedTrace } from "#telemetry/finished-trace.ts";
import type { TraceFeed } from "#telemetry/trace-feed.ts";

/** Hands over what is to be exported of an exchange that is over, on the way to its sink. */
export function exportingTraces(feed: TraceFeed, clock: Clock, sink: EventSink): EventSink {
  return countingSink(sink, (exchange) => {
    const { trace, facts } = exchange;
    if (trace === null || !trace.sampled || !feed.hasRoom()) return;
    const ms = clock.mono() - facts.startedMono;
    feed.push(finishedTrace(exchange, trace, statusOf(exchange), decisionOf(exchange) === "deny", ms));
  });
}
