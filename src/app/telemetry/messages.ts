import type { MessagePort } from "node:worker_threads";
import type { InsightsLogger } from "#model/diagnostics.ts";
import type { OtlpSettings } from "#model/trace.ts";
import type { ToldMetrics } from "#telemetry/metric-export.ts";
import type { ResourceFacts } from "#telemetry/otlp/resource.ts";
import type { Result } from "#telemetry/trace-export.ts";
import type { OwnAddress } from "#upstream/egress.ts";

export interface TelemetryConfig {
  /** Null: nothing goes by OTLP. */
  readonly otlp: OtlpSettings | null;
  /** Instances of Application Insights. */
  readonly insights: readonly InsightsLogger[];
  readonly resource: ResourceFacts;
  readonly region: string;
  /** Nothing is sent to the admin API. */
  readonly ownAddresses: readonly OwnAddress[];
}

export type ToTelemetry =
  | { readonly type: "use"; readonly config: TelemetryConfig | null }
  | { readonly type: "worker"; readonly port: MessagePort }
  | { readonly type: "metrics"; readonly told: ToldMetrics }
  | { readonly type: "close" };

export type FromTelemetry = { readonly type: "result"; readonly result: Result };
