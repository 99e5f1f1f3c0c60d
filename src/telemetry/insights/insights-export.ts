import type { InsightsLogger } from "#model/diagnostics.ts";
import { Batches } from "#telemetry/batches.ts";
import { type Result, slowReceiver } from "#telemetry/trace-export.ts";
import { envelopesOf, type TellerFacts } from "./envelopes.ts";
import type { Ingestion } from "./ingestion.ts";
import { metricEnvelope } from "./metric-envelope.ts";
import { isMetric, type Logged, weightOf } from "./weight.ts";

/** About 1 MiB, and of small ones some hundred items. */
const weightAtOnce = 128;
/** About 32 MiB of bodies, or 4,096 exchanges without any. */
const mostWaiting = 4096;

/** Exchanges on their way to one instance of Application Insights. */
export class InsightsExport {
  readonly #batches: Batches<Logged>;

  constructor(
    { key }: InsightsLogger,
    ingestion: Pick<Ingestion, "send">,
    facts: TellerFacts,
    onResult: (result: Result) => void,
  ) {
    this.#batches = new Batches({
      atOnce: weightAtOnce,
      mostWaiting,
      weightOf,
      send: async (batch) => {
        const items = batch.flatMap((one) =>
          isMetric(one) ? [metricEnvelope(one, key.value, facts)] : envelopesOf(one, key.value, facts),
        );
        onResult({ signal: "insights", items: items.length, ...(await ingestion.send(items)) });
      },
      onDropped: (items) => onResult({ signal: "insights", items, lost: items, why: slowReceiver }),
    });
  }

  push(logged: readonly Logged[]): void {
    this.#batches.push(logged);
  }

  close(): Promise<void> {
    return this.#batches.close();
  }
}
