import { attributesOf, nanos } from "./otlp/values.ts";

/** What a line of the record says, as a log line needs it. */
export interface LoggedRecord {
  readonly id: string;
  readonly time: string;
  readonly text: string;
  /** Of the control plane; undefined: a request. */
  readonly event: string | undefined;
  readonly decision: string | undefined;
  readonly status: number | undefined;
  readonly traceparent: string | undefined;
}

const severities = { info: [9, "INFO"], warn: [13, "WARN"], error: [17, "ERROR"] } as const;

/** @see https://opentelemetry.io/docs/specs/otel/logs/data-model/ @param now milliseconds since the epoch */
export function logRecordOf(one: LoggedRecord, now: number): Readonly<Record<string, unknown>> {
  const { id, time, text, event, decision, status = 0, traceparent } = one;
  const failed = status >= 500 ? "error" : "info";
  const [severityNumber, severityText] = severities[decision === "deny" && status < 500 ? "warn" : failed];
  const [, traceId, spanId] = traceparent?.split("-") ?? [];
  return {
    timeUnixNano: nanos(Date.parse(time)),
    observedTimeUnixNano: nanos(now),
    severityNumber,
    severityText,
    eventName: event === undefined ? "sallyport.request" : `sallyport.${event}`,
    body: { stringValue: text },
    attributes: attributesOf({ "log.record.uid": id, "sallyport.decision": decision }),
    ...(traceId !== undefined && spanId !== undefined && { traceId, spanId }),
  };
}
