import type { OtlpSettings } from "#model/trace.ts";
import type { Problems } from "#notation/problems.ts";
import type { Resources } from "#config/resources.ts";
import type { TelemetryInput } from "#config/table/telemetry.ts";
import { buildSecretFields } from "./secret-fields.ts";

export function buildTelemetry(
  { otlp }: TelemetryInput,
  resources: Resources,
  problems: Problems,
): OtlpSettings | null {
  if (otlp === undefined) return null;
  const {
    endpoint = "",
    protocol,
    compression,
    timeout,
    ca,
    traces,
    ratio,
    parent,
    metrics,
    interval,
    resource,
  } = otlp;
  return {
    endpoint: endpoint.replace(/\/+$/, ""),
    protocol,
    compression,
    headers: buildSecretFields(otlp.headers, resources, problems),
    timeoutMs: timeout,
    ca: ca === undefined ? null : (resources.certificates.get(ca.value) ?? null),
    traces: traces ? { ratio, parent, exported: true } : null,
    metricsMs: metrics ? interval : null,
    resource: resource.map(({ name, value }) => ({ name, value })),
  };
}
