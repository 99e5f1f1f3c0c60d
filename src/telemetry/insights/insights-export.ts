import type { InsightsLogger } from "#model/diagnostics.ts";
import { Batches } from "#telemetry/batches.ts";
import { type Result, slowReceiver } from "#telemetry/trace-export.ts";
import { envelopesOf, type TellerFacts } from "./envelopes.ts";
import type { Ingestion } from "./ingestion.ts";
import type { LoggedExchange } from "./logged-exchange.ts";
import { weightOf } from "./weight.ts";

/** About 1 MiB, and of small ones some hundred items. */
const weightAtOnce = 128;
/** About 32 MiB of bodies, or 4,096 exchanges without any. */
const mostWaiting = 4096;

/** Exchanges on their way to one instance of Application Insights. */
export class InsightsExport {
  readonly #batches: Batches<LoggedExchange>;

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
        const items = batch.flatMap((one) => envelopesOf(one, key.value, facts));
        onResult({ signal: "insights", items: items.length, ...(await ingestion.send(items)) });
      },
      onDropped: (items) => onResult({ signal: "insights", items, lost: items, why: slowReceiver }),
    });
  }

  push(logged: readonly LoggedExchange[]): void {
    this.#batches.push(logged);
  }

  close(): Promise<void> {
    return this.#batches.close();
  }
}
