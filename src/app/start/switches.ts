import type { WorkerPool } from "#app/worker-pool.ts";
import { AssertionKeys } from "#app/assertion-keys.ts";
import { LogLevels } from "#app/log-levels.ts";
import { ShadowReport } from "#app/shadow/shadow-report.ts";
import { TraceKeeper } from "#app/tracing/trace-keeper.ts";
import type { Base } from "./base.ts";
import type { RecordParts } from "./record-parts.ts";

/** What is set at run time and told to every worker, and what they tell of it. */
export interface Switches {
  readonly assertionKeys: AssertionKeys;
  readonly traces: TraceKeeper;
  readonly logLevels: LogLevels;
  readonly shadowReport: ShadowReport;
}

export function openSwitches(base: Base, { events }: RecordParts, pool: WorkerPool): Switches {
  const { undo, clock, random, log, metrics, data, secrets } = base;
  const assertionKeys = new AssertionKeys({
    folder: data.path,
    secrets: secrets.files,
    clock,
    log,
    publish: (key) => pool.tell({ type: "assertion-key", key }),
    events,
  });
  undo.defer(() => assertionKeys.stop());
  const traces = new TraceKeeper({
    clock,
    random,
    publish: (credentials) => pool.broadcast({ type: "debug-credentials", credentials }),
  });
  undo.defer(() => traces.close());
  const logLevels = new LogLevels({ clock, publish: (levels) => pool.broadcast({ type: "api-levels", levels }) });
  undo.defer(() => logLevels.close());
  const shadowReport = new ShadowReport(clock.now, (api, outcome, times) =>
    metrics.add("sallyport_shadow_requests_total", { api, outcome }, times),
  );
  return { assertionKeys, traces, logLevels, shadowReport };
}
