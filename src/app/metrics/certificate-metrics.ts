import type { CertificateRow } from "#admin/certificate-row.ts";
import type { Collector, Gauges } from "#model/metrics.ts";
import { failureKind } from "./failure-kind.ts";

/** What `sallyport certificates` shows, as numbers: the same rows. */
export function certificateMetrics(rows: () => readonly CertificateRow[]): Collector {
  return (gauges) => {
    for (const row of rows()) for (const name of row.names) setOf(gauges, name, row);
  };
}

function setOf(
  gauges: Gauges,
  name: string,
  { source, state, notAfter, nextTry, problem, ocsp }: CertificateRow,
): void {
  gauges.set("sallyport_certificate_state", { name, state }, 1);
  if (notAfter !== null) {
    gauges.set("sallyport_certificate_not_after_timestamp_seconds", { name, source }, seconds(notAfter));
  }
  if (nextTry !== null) gauges.set("sallyport_certificate_next_try_timestamp_seconds", { name }, seconds(nextTry));
  if (problem !== null) gauges.set("sallyport_certificate_last_error", { name, kind: failureKind(problem) }, 1);
  if (ocsp === null) return;
  gauges.set("sallyport_certificate_ocsp_status", { name, status: ocsp.status }, 1);
  const until = ocsp.nextUpdate;
  if (until !== null) gauges.set("sallyport_certificate_ocsp_next_update_timestamp_seconds", { name }, seconds(until));
}

function seconds(time: string): number {
  return Date.parse(time) / 1000;
}
