import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { gunzipSync } from "node:zlib";
import protobuf from "protobufjs";

/** The fields of OpenTelemetry's protocol that a gateway may send, by their numbers there: nothing of the sender is used. */
const messages = protobuf.parse(`
syntax = "proto3";
message Traces { repeated ResourceSpans resource_spans = 1; }
message ResourceSpans { Resource resource = 1; repeated ScopeSpans scope_spans = 2; string schema_url = 3; }
message ScopeSpans { Scope scope = 1; repeated Span spans = 2; string schema_url = 3; }
message Resource { repeated KeyValue attributes = 1; uint32 dropped_attributes_count = 2; }
message Scope { string name = 1; string version = 2; }
message KeyValue { string key = 1; AnyValue value = 2; }
message AnyValue {
  oneof value { string string_value = 1; bool bool_value = 2; int64 int_value = 3; double double_value = 4; bytes bytes_value = 7; }
}
message Span {
  bytes trace_id = 1; bytes span_id = 2; string trace_state = 3; bytes parent_span_id = 4; string name = 5; int32 kind = 6;
  fixed64 start_time_unix_nano = 7; fixed64 end_time_unix_nano = 8; repeated KeyValue attributes = 9;
  repeated Event events = 11; Status status = 15; fixed32 flags = 16;
}
message Event { fixed64 time_unix_nano = 1; string name = 2; repeated KeyValue attributes = 3; }
message Status { string message = 2; int32 code = 3; }
message Metrics { repeated ResourceMetrics resource_metrics = 1; }
message ResourceMetrics { Resource resource = 1; repeated ScopeMetrics scope_metrics = 2; }
message ScopeMetrics { Scope scope = 1; repeated Metric metrics = 2; }
message Metric {
  string name = 1; string description = 2; string unit = 3;
  oneof data { Gauge gauge = 5; Sum sum = 7; Histogram histogram = 9; }
}
message Gauge { repeated NumberPoint data_points = 1; }
message Sum { repeated NumberPoint data_points = 1; int32 aggregation_temporality = 2; bool is_monotonic = 3; }
message Histogram { repeated HistogramPoint data_points = 1; int32 aggregation_temporality = 2; }
message NumberPoint {
  fixed64 start_time_unix_nano = 2; fixed64 time_unix_nano = 3;
  oneof value { double as_double = 4; sfixed64 as_int = 6; }
  repeated KeyValue attributes = 7;
}
message HistogramPoint {
  fixed64 start_time_unix_nano = 2; fixed64 time_unix_nano = 3; fixed64 count = 4; optional double sum = 5;
  repeated fixed64 bucket_counts = 6; repeated double explicit_bounds = 7; repeated Exemplar exemplars = 8;
  repeated KeyValue attributes = 9;
}
message Exemplar {
  fixed64 time_unix_nano = 2; oneof value { double as_double = 3; sfixed64 as_int = 6; } bytes span_id = 4; bytes trace_id = 5;
}
message Logs { repeated ResourceLogs resource_logs = 1; }
message ResourceLogs { Resource resource = 1; repeated ScopeLogs scope_logs = 2; }
message ScopeLogs { Scope scope = 1; repeated LogRecord log_records = 2; }
message LogRecord {
  fixed64 time_unix_nano = 1; int32 severity_number = 2; string severity_text = 3; AnyValue body = 5;
  repeated KeyValue attributes = 6; fixed32 flags = 8; bytes trace_id = 9; bytes span_id = 10;
  fixed64 observed_time_unix_nano = 11; string event_name = 12;
}
`).root;

export interface ReceivedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly traceState: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly events: readonly string[];
  readonly status: number;
}

export interface ReceivedMetric {
  readonly name: string;
  readonly kind: "gauge" | "sum" | "histogram";
  readonly points: readonly {
    readonly attributes: Readonly<Record<string, unknown>>;
    readonly asDouble?: number;
    readonly count?: string;
    readonly bucketCounts?: readonly string[];
    readonly exemplars?: readonly {
      readonly traceId: string;
      readonly asDouble: number;
      readonly timeUnixNano: string;
    }[];
  }[];
}

export interface ReceivedLog {
  readonly timeUnixNano: string;
  readonly severityText: string;
  readonly eventName: string;
  readonly traceId?: string;
  readonly body: { readonly stringValue: string };
  readonly attributes: Readonly<Record<string, unknown>>;
}

export interface OtlpReceiver {
  readonly url: string;
  readonly spans: ReceivedSpan[];
  readonly metrics: ReceivedMetric[];
  readonly logs: ReceivedLog[];
  readonly calls: { readonly path: string; readonly headers: IncomingHttpHeaders }[];
  resource: Readonly<Record<string, unknown>>;
  /** Statuses of the next answers; 200 behind them. */
  readonly refuse: number[];
  close(): Promise<void>;
}

type Tree = { readonly [name: string]: unknown };
const list = (value: unknown): readonly Tree[] => (value as readonly Tree[] | undefined) ?? [];

/** A receiver of OTLP over HTTP that reads both of its forms. */
export async function startOtlpReceiver(): Promise<OtlpReceiver> {
  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      receiver.calls.push({ path: request.url ?? "", headers: request.headers });
      const status = receiver.refuse.shift() ?? 200;
      if (status === 200) {
        const sent = Buffer.concat(chunks);
        const body = request.headers["content-encoding"] === "gzip" ? gunzipSync(sent) : sent;
        take(receiver, treeOf(request.url ?? "", request.headers["content-type"] ?? "", body));
      }
      response.writeHead(status, { "Retry-After": "0" }).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const receiver: OtlpReceiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans: [],
    metrics: [],
    logs: [],
    calls: [],
    resource: {},
    refuse: [],
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
  return receiver;
}

function treeOf(path: string, type: string, body: Buffer): Tree {
  if (type === "application/json") return JSON.parse(body.toString()) as Tree;
  if (type !== "application/x-protobuf") throw new Error(`an unknown content type: ${type}`);
  const names: Readonly<Record<string, string>> = {
    "/v1/traces": "Traces",
    "/v1/metrics": "Metrics",
    "/v1/logs": "Logs",
  };
  const message = messages.lookupType(names[path] ?? path);
  return hexed(message.toObject(message.decode(body), { longs: String, bytes: Array }) as Tree);
}

/** Ids as JSON has them. */
function hexed(tree: Tree): Tree {
  const text = JSON.stringify(tree, (name, value: unknown) =>
    /[a-z]Id$/.test(name) && Array.isArray(value) ? Buffer.from(value as number[]).toString("hex") : value,
  );
  return JSON.parse(text) as Tree;
}

function take(receiver: OtlpReceiver, tree: Tree): void {
  for (const { scopeLogs } of list(tree["resourceLogs"])) {
    for (const { logRecords } of list(scopeLogs)) receiver.logs.push(...list(logRecords).map(logOf));
  }
  for (const { resource, scopeSpans } of list(tree["resourceSpans"])) {
    receiver.resource = plain((resource as Tree)["attributes"]);
    for (const { spans } of list(scopeSpans)) receiver.spans.push(...list(spans).map(spanOf));
  }
  for (const { scopeMetrics } of list(tree["resourceMetrics"])) {
    for (const { metrics } of list(scopeMetrics)) receiver.metrics.push(...list(metrics).map(metricOf));
  }
}

function spanOf(span: Tree): ReceivedSpan {
  return {
    ...(span as unknown as ReceivedSpan),
    parentSpanId: (span["parentSpanId"] as string | undefined) ?? "",
    traceState: (span["traceState"] as string | undefined) ?? "",
    attributes: plain(span["attributes"]),
    events: list(span["events"]).map(({ name }) => String(name)),
    status: Number((span["status"] as Tree | undefined)?.["code"] ?? 0),
  };
}

function logOf(log: Tree): ReceivedLog {
  return { ...(log as unknown as ReceivedLog), attributes: plain(log["attributes"]) };
}

function metricOf(metric: Tree): ReceivedMetric {
  const kind = (["gauge", "sum", "histogram"] as const).find((one) => metric[one] !== undefined) ?? "gauge";
  const points = list((metric[kind] as Tree)["dataPoints"]).map((point) => ({
    ...point,
    attributes: plain(point["attributes"]),
  }));
  return { name: String(metric["name"]), kind, points };
}

function plain(attributes: unknown): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    list(attributes).map(({ key, value }) => {
      const [[kind, inner] = ["", undefined]] = Object.entries(value as Tree);
      return [String(key), kind === "intValue" ? Number(inner) : inner];
    }),
  );
}
