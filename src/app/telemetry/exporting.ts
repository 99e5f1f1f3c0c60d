import { countingSink } from "#app/metrics/counting-sink.ts";
import { decisionOf, statusOf } from "#audit/outcome-writer.ts";
import type { Exchange } from "#model/exchange.ts";
import type { Clock, EventSink } from "#model/ports.ts";
import { withoutCredentials } from "#policy/without-credentials.ts";
import { finishedTrace } from "#telemetry/finished-trace.ts";
import { ExchangeTap } from "#telemetry/insights/exchange-tap.ts";
import { isLogged, loggedExchange } from "#telemetry/insights/logged-exchange.ts";
import type { SpanIds } from "#telemetry/span-ids.ts";
import type { TraceFeed } from "#telemetry/trace-feed.ts";

/** Hands over what is to be exported of an exchange that is over, on the way to its sink. */
export function exportingTraces(
  feed: Pick<TraceFeed, "hasRoom" | "push" | "pushLogged" | "drop">,
  clock: Clock,
  ids: SpanIds,
  sink: EventSink,
): EventSink {
  return countingSink(sink, (exchange) => {
    const { trace, tap, facts } = exchange;
    const isExported = trace !== null && trace.exported;
    if (!isExported && tap === null) return;
    const ending = { status: statusOf(exchange), ms: clock.mono() - facts.startedMono };
    if (isExported && feed.hasRoom()) {
      const isDenied = decisionOf(exchange) === "deny";
      feed.push(finishedTrace(exchange, trace, ending.status, isDenied, ending.ms));
    }
    if (!(tap instanceof ExchangeTap) || !isLogged(exchange, tap, ending.status) || !feed.hasRoom()) return;
    try {
      feed.pushLogged(loggedExchange(exchange, tap, ending, cleanForOthers, () => ids.spanId()));
    } catch {
      // Whatever is in a body: the record comes behind this.
      feed.drop();
    }
  });
}

/** The record counts what was taken out of itself alone. */
function cleanForOthers(text: string, exchange: Exchange): string {
  const { redacted } = exchange;
  const clean = withoutCredentials(text, exchange);
  exchange.redacted = redacted;
  return clean;
}
