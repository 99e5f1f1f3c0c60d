import type { OtlpSettings } from "#model/trace.ts";
import type { Problems } from "#notation/problems.ts";
import type { Resources } from "#config/resources.ts";
import type { OtlpInput, TelemetryInput } from "#config/table/telemetry.ts";

const fieldValue = /^[\x21-\x7e](?:[\x20-\x7e]{0,8190}[\x21-\x7e])?$/;

/** Ours, and what the connection is about. */
const ownFields: ReadonlySet<string> = new Set(
  "connection content-encoding content-length content-type host te trailer transfer-encoding upgrade".split(" "),
);

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
    headers: headersOf(otlp, resources, problems),
    timeoutMs: timeout,
    ca: ca === undefined ? null : (resources.certificates.get(ca.value) ?? null),
    traces: traces ? { ratio, parent } : null,
    metricsMs: metrics ? interval : null,
    resource: resource.map(({ name, value }) => ({ name, value })),
  };
}

function headersOf({ headers }: OtlpInput, { secrets }: Resources, problems: Problems): OtlpSettings["headers"] {
  return headers.flatMap(({ name, at, value: source }) => {
    if (ownFields.has(name.toLowerCase())) {
      problems.error("value-invalid", at, `the header field ${name} is written by the gateway itself`, "leave it out");
    }
    const secret = secrets.get(source);
    if (secret === undefined) return [];
    if (!fieldValue.test(secret.reveal())) {
      const message = `the value of ${name} from ${secret.origin} cannot stand in a header`;
      problems.error("value-invalid", source.at, message, "use printable ASCII without line ends");
    }
    return [{ name, secret: true, value: secret.reveal() }] as const;
  });
}
