import { decisionOf, statusOf } from "#audit/outcome-writer.ts";
import type { Clock, EventSink } from "#model/ports.ts";
import { finishedTrace } from "#telemetry/finished-trace.ts";
import type { TraceFeed } from "#telemetry/trace-feed.ts";

/** Hands over what is to be exported of an exchange that is over, on the way to its sink. */
export function exportingTraces(feed: TraceFeed, clock: Clock, sink: EventSink): EventSink {
  return {
    opened: (exchange) => sink.opened(exchange),
    finished: (exchange) => {
      const { trace, facts } = exchange;
      if (trace !== null && trace.sampled && feed.hasRoom()) {
        const ms = clock.mono() - facts.startedMono;
        feed.push(finishedTrace(exchange, trace, statusOf(exchange), decisionOf(exchange) === "deny", ms));
      }
      sink.finished(exchange);
    },
  };
}
