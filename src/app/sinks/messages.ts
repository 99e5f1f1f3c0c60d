import type { SinkNews } from "#audit/sinks/sink.ts";
import type { RecordSinkSettings } from "#model/sinks.ts";
import type { ResourceFacts } from "#telemetry/otlp/resource.ts";
import type { OwnAddress } from "#upstream/egress.ts";

export interface SinksStart {
  /** Of the record. */
  readonly directory: string;
  /** Where it is kept how far each sink has come. */
  readonly cursors: string;
}

export interface SinksConfig {
  readonly sinks: readonly RecordSinkSettings[];
  readonly resource: ResourceFacts;
  /** Nothing is sent to the admin API. */
  readonly ownAddresses: readonly OwnAddress[];
}

export type ToSinks = { readonly type: "use"; readonly config: SinksConfig } | { readonly type: "close" };

export interface FromSinks {
  readonly sink: string;
  readonly news: SinkNews;
}
