import { RouteNumbers, type UsageCounter } from "#analytics/usage-counter.ts";
import { decisionOf, statusOf } from "#audit/outcome-writer.ts";
import type { Clock, EventSink } from "#model/ports.ts";
import type { Snapshot } from "#model/snapshot.ts";
import { countingSink } from "./counting-sink.ts";

/** Counts what is over for the roll-ups, on the way to the sink of one snapshot. */
export function countingUsage(
  usage: UsageCounter,
  { routes, deployment }: Pick<Snapshot, "routes" | "deployment">,
  clock: Clock,
  sink: EventSink,
): EventSink {
  const numbers = new RouteNumbers(routes.length, deployment.region);
  return countingSink(sink, (exchange) => {
    const ms = clock.mono() - exchange.facts.startedMono;
    usage.note(exchange, numbers, statusOf(exchange), decisionOf(exchange) === "deny", ms);
  });
}
