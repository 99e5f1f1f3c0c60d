import { randomBytes } from "node:crypto";
import { UsageTeller } from "#analytics/teller.ts";
import { UsageCounter } from "#analytics/usage-counter.ts";
import type { EventSink } from "#model/ports.ts";
import type { Redaction } from "#model/redaction.ts";
import type { Snapshot } from "#model/snapshot.ts";
import { InsightsMetrics } from "#telemetry/insights/metric-counts.ts";
import { SpanIds } from "#telemetry/span-ids.ts";
import { TraceContexts } from "#telemetry/trace-contexts.ts";
import { TraceFeed } from "#telemetry/trace-feed.ts";
import type { KeyIndexReader } from "#threads/key-reader.ts";
import { keyQueriesOf } from "#app/definition/read-result.ts";
import { PolicyCounts } from "#app/metrics/policy-counts.ts";
import { RequestCounts } from "#app/metrics/request-counts.ts";
import { countingUsage } from "#app/metrics/usage.ts";
import type { RecordSink } from "#app/record-sink.ts";
import { recorderOf } from "#app/recorder-of.ts";
import { ShadowCounts } from "#app/shadow/shadow-counts.ts";
import { exportingTraces } from "#app/telemetry/exporting.ts";
import type { Caches } from "./caches.ts";
import type { Tools } from "./tools.ts";

/** How often main is told what was counted. */
const tellEveryMs = 1000;
/** As Azure Monitor adds them up. */
const insightsEveryMs = 60_000;

/** What becomes of requests that are over: the record, traces, and figures, which main is told now and then. */
export interface Telling {
  readonly traceContexts: TraceContexts;
  readonly policyMeter: InsightsMetrics;
  readonly shadowCounts: ShadowCounts;
  /** The sink of requests that run under a snapshot. */
  eventsOf(snapshot: Snapshot, redaction: Redaction): EventSink;
  /** Tells the rest. */
  close(): Promise<void>;
}

export function createTelling(
  { start, say, clock }: Tools,
  snapshot: Snapshot,
  sink: RecordSink,
  keys: KeyIndexReader,
  { problems: cacheProblems }: Caches,
): Telling {
  const counts = new RequestCounts(clock);
  const usage = new UsageCounter(clock.now());
  const usageTeller = new UsageTeller(usage, start.analytics, clock.now);
  const spanIds = new SpanIds({ bytes: (size) => randomBytes(size) });
  const traceContexts = new TraceContexts(spanIds, snapshot.traces);
  const traceFeed = new TraceFeed(start.telemetry);
  const policyCounts = new PolicyCounts();
  const policyMeter = new InsightsMetrics(policyCounts);
  const shadowCounts = new ShadowCounts();
  const tell = (): void => {
    const shadowNews = shadowCounts.take();
    if (shadowNews !== null) say({ type: "shadow", news: shadowNews });
    keys.minute = Math.floor(clock.now() / 60_000);
    const news = counts.take();
    if (news.length > 0) say({ type: "requests", news });
    const emitted = policyCounts.take();
    if (emitted.news.length > 0) say({ type: "policy-metrics", emitted });
    const problems = cacheProblems.take();
    if (Object.keys(problems).length > 0) say({ type: "cache-problems", problems });
  };
  tell();
  const telling = setInterval(tell, tellEveryMs).unref();
  const tellInsights = (): void => traceFeed.pushMetrics(policyMeter.take(clock.now()));
  const tellingInsights = setInterval(tellInsights, insightsEveryMs).unref();
  return {
    traceContexts,
    policyMeter,
    shadowCounts,
    eventsOf: (current, redaction) => {
      const recorder = recorderOf(current, keyQueriesOf(current), start.node, redaction);
      const recorded = exportingTraces(traceFeed, clock, spanIds, sink.under(recorder));
      return counts.before(countingUsage(usage, current, clock, recorded));
    },
    close: async () => {
      clearInterval(telling);
      clearInterval(tellingInsights);
      tell();
      tellInsights();
      await usageTeller.close();
      traceFeed.close();
    },
  };
}
