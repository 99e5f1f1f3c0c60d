import type { Exchange } from "./exchange.ts";
/** A row of the closed table: what `GET /metrics` may show. Names and labels are API. */
export interface Metric {
  /** Counters end in `_total`. */
  readonly type: "counter" | "gauge" | "histogram";
  readonly help: string;
  /**
   * Values come from the definition or from a closed list: never free text, never what a client sent. The dimensions of
   * policies' own metrics are the exception, since their author chose them.
   */
  readonly labels: readonly string[];
  /** Series at the same time: what a label could make of it is bounded, whatever happens. */
  readonly most: number;
}

/** Seconds; upper bounds, inclusive. */
export const durationBuckets: readonly number[] = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** All metrics there are; of names on demand there may be many. @see https://prometheus.io/docs/practices/naming/ */
export const metrics = {
  sallyport_build_info: { type: "gauge", help: "What runs: always 1.", labels: ["version", "node_version"], most: 100 },
  sallyport_start_time_seconds: {
    type: "gauge",
    help: "When the gateway started, in seconds since the epoch.",
    labels: [],
    most: 1,
  },
  sallyport_workers: { type: "gauge", help: "Worker threads that are to serve.", labels: [], most: 1 },
  sallyport_workers_listening: { type: "gauge", help: "Worker threads that serve.", labels: [], most: 1 },
  sallyport_audit_signed_lines: {
    type: "gauge",
    help: "Lines of the record that the newest checkpoint speaks of.",
    labels: [],
    most: 1,
  },
  sallyport_audit_witness_lag_seconds: {
    type: "gauge",
    help: "Since when the witness lacks a checkpoint; 0: it has the newest.",
    labels: [],
    most: 1,
  },
  sallyport_access_steps_total: {
    type: "counter",
    help: "Steps of access requests: request, approve, grant, reject, break-glass, revoke and so on.",
    labels: ["approval", "step"],
    most: 1000,
  },
  sallyport_announcements_total: {
    type: "counter",
    help: "Messages about access requests and keys: sent, failed after the last try, dropped.",
    labels: ["channel", "outcome"],
    most: 10,
  },
  sallyport_announcements_waiting: {
    type: "gauge",
    help: "Messages about access requests and keys that are not sent yet (waiting), and those given up (dead).",
    labels: ["channel", "state"],
    most: 4,
  },
  sallyport_break_glass_total: {
    type: "counter",
    help: "Approvals taken in an emergency, without an approver.",
    labels: ["approval"],
    most: 200,
  },
  sallyport_access_requests: {
    type: "gauge",
    help: "Access requests that wait (pending) and approvals in force (active).",
    labels: ["approval", "state"],
    most: 400,
  },
  sallyport_revocations: {
    type: "gauge",
    help: "Principals, tokens, clients and agents that are revoked.",
    labels: ["kind"],
    most: 4,
  },
  sallyport_counters_without_room: {
    type: "gauge",
    help: "Calls and DPoP proofs since the start that found no room for a counter of their own, and were refused or counted together.",
    labels: ["table"],
    most: 2,
  },
  sallyport_connections_ended_total: {
    type: "counter",
    help: "Connections that ended before a request on them could be judged, by reason as in the event connections.ended.",
    labels: ["reason"],
    most: 10,
  },
  sallyport_worker_restarts_total: {
    type: "counter",
    help: "Workers that ended and were replaced.",
    labels: [],
    most: 1,
  },
  sallyport_config_generation: {
    type: "gauge",
    help: "Number in the history of the configuration in force.",
    labels: [],
    most: 1,
  },
  sallyport_config_last_reload_successful: {
    type: "gauge",
    help: "1 when the configuration on the disk, as last read, is in force; 0 when it has errors or was not taken.",
    labels: [],
    most: 1,
  },
  sallyport_config_last_reload_success_timestamp_seconds: {
    type: "gauge",
    help: "When a configuration was last put in force, in seconds since the epoch.",
    labels: [],
    most: 1,
  },
  sallyport_external_cache_problems_total: {
    type: "counter",
    help: "What the external cache did not serve: unreachable, timeout, refused, busy, foreign.",
    labels: ["problem"],
    most: 5,
  },
  sallyport_shadow_requests_total: {
    type: "counter",
    help: "Requests that an old gateway was to be asked as well: same, different, unanswered, skipped.",
    labels: ["api", "outcome"],
    most: 2000,
  },
  sallyport_config_changes_total: {
    type: "counter",
    help: "Tries to put a configuration in force, by how they ended.",
    labels: ["action", "outcome"],
    most: 100,
  },
  sallyport_requests_total: {
    type: "counter",
    help: "Requests that are over, by API and class of status; refused ones too.",
    labels: ["api", "class"],
    most: 5000,
  },
  sallyport_request_duration_seconds: {
    type: "histogram",
    help: "Time from the head of a request to the end of its response; switched connections are left out.",
    labels: ["api"],
    most: 1000,
  },
  sallyport_audit_last_sequence: {
    type: "gauge",
    help: "Number of the last line of the record: it counts over all segments, and over restarts.",
    labels: [],
    most: 1,
  },
  sallyport_audit_segment: { type: "gauge", help: "Number of the segment that is written.", labels: [], most: 1 },
  sallyport_audit_pending_bytes: {
    type: "gauge",
    help: "What is chained and not yet in the file: more than a moment's means a disk that takes nothing.",
    labels: [],
    most: 1,
  },
  sallyport_audit_failing: {
    type: "gauge",
    help: "1 while the record cannot be written or synced.",
    labels: [],
    most: 1,
  },
  sallyport_audit_lost_records: {
    type: "gauge",
    help: "Records lost since the start, each told by a gap in the record.",
    labels: [],
    most: 1,
  },
  sallyport_audit_problems_total: {
    type: "counter",
    help: "Problems of the writer of the record: write-failed, sync-failed, rotate-failed, retire-failed, recovered.",
    labels: ["code"],
    most: 8,
  },
  sallyport_sink_records_total: {
    type: "counter",
    help: "Records that a sink of the record has taken.",
    labels: ["sink"],
    most: 100,
  },
  sallyport_sink_failures_total: {
    type: "counter",
    help: "Tries to give records to a sink that it did not take; they are sent again.",
    labels: ["sink"],
    most: 100,
  },
  sallyport_sink_rejected_total: {
    type: "counter",
    help: "Records that a sink has got and said that it does not keep.",
    labels: ["sink"],
    most: 100,
  },
  sallyport_sink_missed_segments_total: {
    type: "counter",
    help: "Segments of the record that retention let go before a sink had taken them: their records are not sent.",
    labels: ["sink"],
    most: 100,
  },
  sallyport_sink_lag_seconds: {
    type: "gauge",
    help: "Age of the oldest record that a sink is due to take; 0: there is none.",
    labels: ["sink"],
    most: 100,
  },
  sallyport_telemetry_exported_total: {
    type: "counter",
    help: "Spans, points and items of telemetry that their receiver has taken.",
    labels: ["signal"],
    most: 4,
  },
  sallyport_telemetry_dropped_total: {
    type: "counter",
    help: "Spans, points and items that it has not taken, and exchanges that there was no room for.",
    labels: ["signal"],
    most: 4,
  },
  sallyport_analytics_other_total: {
    type: "counter",
    help: "Requests whose value of a dimension is counted under other in the analytics, since there were too many values.",
    labels: ["dimension"],
    most: 16,
  },
  sallyport_analytics_lost_total: {
    type: "counter",
    help: "Requests that the analytics do not count, since they could not be written.",
    labels: [],
    most: 1,
  },
  sallyport_policy_metric_total: {
    type: "counter",
    help: "Sum of what emit-metric has added; dimensions are NAME=VALUE with commas between.",
    labels: ["namespace", "metric", "dimensions"],
    most: 5000,
  },
  sallyport_policy_metric_samples_total: {
    type: "counter",
    help: "How often emit-metric has added to a metric.",
    labels: ["namespace", "metric", "dimensions"],
    most: 5000,
  },
  sallyport_upstream_target_up_ratio: {
    type: "gauge",
    help: "Share of the workers that find a target up, from 0 to 1.",
    labels: ["backend", "target"],
    most: 10_000,
  },
  sallyport_upstream_target_active_requests: {
    type: "gauge",
    help: "Requests under way at a target.",
    labels: ["backend", "target"],
    most: 10_000,
  },
  sallyport_certificate_not_after_timestamp_seconds: {
    type: "gauge",
    help: "When the certificate of a name, or one that backends are shown, expires, in seconds since the epoch.",
    labels: ["name", "source"],
    most: 10_000,
  },
  sallyport_certificate_state: {
    type: "gauge",
    help: "1 for the state that a name's certificate is in.",
    labels: ["name", "state"],
    most: 10_000,
  },
  sallyport_certificate_renewal_failures_total: {
    type: "counter",
    help: "Certificates that an issuer did not give.",
    labels: ["name", "issuer"],
    most: 10_000,
  },
  sallyport_certificate_last_error: {
    type: "gauge",
    help: "1 for the kind of the last failure, until a certificate is had. The issuer's own words: sallyport certificates.",
    labels: ["name", "kind"],
    most: 10_000,
  },
  sallyport_certificate_next_try_timestamp_seconds: {
    type: "gauge",
    help: "When a certificate that could not be had is tried again, in seconds since the epoch.",
    labels: ["name"],
    most: 10_000,
  },
  sallyport_certificate_ocsp_status: {
    type: "gauge",
    help: "1 for the status that a certificate's responder gave, or none; certificates without a responder are not here.",
    labels: ["name", "status"],
    most: 10_000,
  },
  sallyport_certificate_ocsp_next_update_timestamp_seconds: {
    type: "gauge",
    help: "When the status that clients are sent expires, in seconds since the epoch.",
    labels: ["name"],
    most: 10_000,
  },
  sallyport_certificate_ocsp_failures_total: {
    type: "counter",
    help: "Times that the status of a certificate could not be had.",
    labels: ["name"],
    most: 10_000,
  },
  sallyport_revocation_checks_total: {
    type: "counter",
    help: "Times that a responder or list was asked about a certificate of a client or its issuer, by the outcome.",
    labels: ["source", "result"],
    most: 16,
  },
  sallyport_metrics_dropped_samples_total: {
    type: "counter",
    help: "Samples left out because their metric had its most series.",
    labels: ["metric"],
    most: 100,
  },
} as const;

type Metrics = typeof metrics;
export type MetricName = keyof Metrics;
type OfType<T> = { [N in MetricName]: Metrics[N]["type"] extends T ? N : never }[MetricName];
export type CounterName = OfType<"counter">;
export type GaugeName = OfType<"gauge">;
export type HistogramName = OfType<"histogram">;
export type LabelsOf<N extends MetricName> = Readonly<Record<Metrics[N]["labels"][number], string>>;

/** Counts what happens, from any room. */
export interface Meter {
  /** @param by 0: the series is there from now on, so that its first event shows as a rise */
  add<N extends CounterName>(name: N, labels: LabelsOf<N>, by?: number): void;
}

/** Counts what policies emit. */
export interface PolicyMeter {
  /** @param value not negative */
  emit(namespace: string, metric: string, dimensions: string, value: number, exchange: Exchange): void;
}

/** What is so at the moment. */
export interface Gauges {
  set<N extends GaugeName>(name: N, labels: LabelsOf<N>, value: number): void;
}

/** Sets the gauges that it knows of, each time that somebody asks. */
export type Collector = (gauges: Gauges) => void | Promise<void>;

/** A trace that is exported, as an example of what a bucket counts. */
export interface Exemplar {
  /** Place of its bucket; behind the last bound, the number of bounds. */
  readonly bucket: number;
  readonly traceId: string;
  readonly seconds: number;
  /** When it was over, milliseconds since the epoch. */
  readonly at: number;
}

/** A metric with its series, as they are at the moment: plain, for another thread. */
export interface TakenMetric {
  readonly name: string;
  readonly help: string;
  readonly type: Metric["type"];
  readonly series: readonly TakenSeries[];
}

export interface TakenSeries {
  readonly labels: Readonly<Record<string, string>>;
  /** Of a histogram: the sum. */
  readonly value: number;
  /** Of a histogram: of each of {@link durationBuckets} alone, and of what is above. */
  readonly buckets?: readonly number[];
  /** Of a histogram: the newest trace of each bucket that has one. */
  readonly exemplars?: readonly Exemplar[];
}

/** For code that runs where nobody asks. */
export const noMeter: Meter = { add: () => {} };
