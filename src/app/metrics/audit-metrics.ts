import type { AuditStatus } from "#app/audit-messages.ts";
import type { Collector } from "#model/metrics.ts";

/** How the record does. */
export function auditMetrics(status: () => AuditStatus | null): Collector {
  return (gauges) => {
    const now = status();
    if (now === null) return;
    gauges.set("sallyport_audit_last_sequence", {}, now.sequence);
    gauges.set("sallyport_audit_segment", {}, now.segment);
    gauges.set("sallyport_audit_pending_bytes", {}, now.pendingBytes);
    gauges.set("sallyport_audit_failing", {}, now.failing ? 1 : 0);
    gauges.set("sallyport_audit_lost_records", {}, now.lost);
  };
}
