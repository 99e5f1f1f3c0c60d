/** How a field stands in protobuf. Ids are hex here, times and counts decimal text, as OTLP's JSON has them. */
type Kind = "string" | "hex" | "bool" | "enum" | "int64" | "double" | "doubles" | "fixed32" | "fixed64" | "fixed64s";

export type Field = readonly [number: number, kind: Kind | { readonly of: () => Message; readonly many: boolean }];
export type Message = Readonly<Record<string, Field>>;

const one = (of: () => Message): Field[1] => ({ of, many: false });
const many = (of: () => Message): Field[1] => ({ of, many: true });

const anyValue: Message = {
  stringValue: [1, "string"],
  boolValue: [2, "bool"],
  intValue: [3, "int64"],
  doubleValue: [4, "double"],
};
const keyValue: Message = { key: [1, "string"], value: [2, one(() => anyValue)] };
const resource: Message = { attributes: [1, many(() => keyValue)] };
const scope: Message = { name: [1, "string"], version: [2, "string"] };

const event: Message = {
  timeUnixNano: [1, "fixed64"],
  name: [2, "string"],
  attributes: [3, many(() => keyValue)],
};
const status: Message = { message: [2, "string"], code: [3, "enum"] };
const span: Message = {
  traceId: [1, "hex"],
  spanId: [2, "hex"],
  traceState: [3, "string"],
  parentSpanId: [4, "hex"],
  name: [5, "string"],
  kind: [6, "enum"],
  startTimeUnixNano: [7, "fixed64"],
  endTimeUnixNano: [8, "fixed64"],
  attributes: [9, many(() => keyValue)],
  events: [11, many(() => event)],
  status: [15, one(() => status)],
  flags: [16, "fixed32"],
};
const scopeSpans: Message = { scope: [1, one(() => scope)], spans: [2, many(() => span)], schemaUrl: [3, "string"] };
const resourceSpans: Message = {
  resource: [1, one(() => resource)],
  scopeSpans: [2, many(() => scopeSpans)],
  schemaUrl: [3, "string"],
};

const numberPoint: Message = {
  startTimeUnixNano: [2, "fixed64"],
  timeUnixNano: [3, "fixed64"],
  asDouble: [4, "double"],
  attributes: [7, many(() => keyValue)],
};
const exemplar: Message = { timeUnixNano: [2, "fixed64"], asDouble: [3, "double"], traceId: [5, "hex"] };
const histogramPoint: Message = {
  startTimeUnixNano: [2, "fixed64"],
  timeUnixNano: [3, "fixed64"],
  count: [4, "fixed64"],
  sum: [5, "double"],
  bucketCounts: [6, "fixed64s"],
  explicitBounds: [7, "doubles"],
  exemplars: [8, many(() => exemplar)],
  attributes: [9, many(() => keyValue)],
};
const gauge: Message = { dataPoints: [1, many(() => numberPoint)] };
const sum: Message = {
  dataPoints: [1, many(() => numberPoint)],
  aggregationTemporality: [2, "enum"],
  isMonotonic: [3, "bool"],
};
const histogram: Message = { dataPoints: [1, many(() => histogramPoint)], aggregationTemporality: [2, "enum"] };
const metric: Message = {
  name: [1, "string"],
  description: [2, "string"],
  unit: [3, "string"],
  gauge: [5, one(() => gauge)],
  sum: [7, one(() => sum)],
  histogram: [9, one(() => histogram)],
};
const scopeMetrics: Message = { scope: [1, one(() => scope)], metrics: [2, many(() => metric)] };
const resourceMetrics: Message = { resource: [1, one(() => resource)], scopeMetrics: [2, many(() => scopeMetrics)] };

const logRecord: Message = {
  timeUnixNano: [1, "fixed64"],
  severityNumber: [2, "enum"],
  severityText: [3, "string"],
  body: [5, one(() => anyValue)],
  attributes: [6, many(() => keyValue)],
  flags: [8, "fixed32"],
  traceId: [9, "hex"],
  spanId: [10, "hex"],
  observedTimeUnixNano: [11, "fixed64"],
  eventName: [12, "string"],
};
const scopeLogs: Message = { scope: [1, one(() => scope)], logRecords: [2, many(() => logRecord)] };
const resourceLogs: Message = { resource: [1, one(() => resource)], scopeLogs: [2, many(() => scopeLogs)] };

/** Bodies of the calls. @see https://opentelemetry.io/docs/specs/otlp/ */
export const requests: Readonly<Record<"traces" | "metrics" | "logs", Message>> = {
  traces: { resourceSpans: [1, many(() => resourceSpans)] },
  metrics: { resourceMetrics: [1, many(() => resourceMetrics)] },
  logs: { resourceLogs: [1, many(() => resourceLogs)] },
};
