import type { SecretField } from "./sinks.ts";

/** Where an exchange stands in a distributed trace. Ids are lower-case hex. @see https://www.w3.org/TR/trace-context/ */
export interface TraceContext {
  /** 32 digits. */
  readonly traceId: string;
  /** Span of whoever called, 16 digits; empty: the trace begins here. */
  readonly parentId: string;
  /** The whole exchange. */
  readonly spanId: string;
  /** What is asked of the upstream: the parent of what happens there. Of a trace that is exported, the first attempt alone. */
  readonly upstreamSpanId: string;
  /** As it is told to the upstream. */
  readonly sampled: boolean;
  /** It is sent by OTLP. */
  readonly exported: boolean;
  /** What came as `tracestate` and goes on so; null: nothing does. */
  readonly state: string | null;
  /** `baggage` of the client's does not go on. */
  readonly dropBaggage: boolean;
}

/**
 * The span of an attempt to ask the upstream, by its number from 1 on: those of later ones follow from the first, so that
 * who sends the request and who tells of it need not hand them over.
 */
export function attemptSpanId({ upstreamSpanId }: Pick<TraceContext, "upstreamSpanId">, nth: number): string {
  if (nth <= 1) return upstreamSpanId;
  const id = BigInt.asUintN(64, BigInt(`0x${upstreamSpanId}`) + BigInt(nth - 1));
  return id.toString(16).padStart(16, "0");
}

/** The field `traceparent` with a span of this trace. */
export function traceparentOf({ traceId, sampled }: TraceContext, spanId: string): string {
  return `00-${traceId}-${spanId}-${sampled ? "01" : "00"}`;
}

/** How traces are begun and continued; in the snapshot. */
export interface TraceSettings {
  /** Share of the traces that begin here and are exported, 0 to 1. */
  readonly ratio: number;
  /** `follow`: who calls says whether its trace is exported. `ignore`: a new trace begins with each request. */
  readonly parent: "follow" | "ignore";
  /** By OTLP; false: traces go through for the sake of diagnostics, and nothing is sent. */
  readonly exported: boolean;
}

/** Where traces and metrics go, by OTLP. */
export interface OtlpSettings {
  /** Without a slash at its end; `/v1/traces` and `/v1/metrics` come behind it. */
  readonly endpoint: string;
  readonly protocol: "http/protobuf" | "http/json";
  readonly compression: "gzip" | "none";
  readonly headers: readonly SecretField[];
  readonly timeoutMs: number;
  /** PEM of authorities that its certificate may come from besides; null: those of the machine. */
  readonly ca: string | null;
  readonly traces: TraceSettings | null;
  /** How often metrics are sent; null: never. */
  readonly metricsMs: number | null;
  /** Attributes of the resource beside ours. */
  readonly resource: readonly { readonly name: string; readonly value: string }[];
}
