import type { MetricRegistry } from "#admin/metrics/registry.ts";
import type { Log } from "#model/ports.ts";
import type { AccessEvent } from "#products/access-requests.ts";

/** Counts every step, and makes a noise where somebody has taken access without an approver. */
export function noteStep(metrics: MetricRegistry, log: Log, { request, step }: AccessEvent): void {
  metrics.add("sallyport_access_steps_total", { approval: request.approval, step: step.step });
  const fields = {
    request: request.id,
    approval: request.approval,
    grantee: request.grantee,
    by: step.by?.id ?? "",
    behalfOf: step.behalfOf?.id ?? "",
  };
  if (step.step !== "break-glass") return log.info(`access: ${step.step}`, fields);
  metrics.add("sallyport_break_glass_total", { approval: request.approval });
  const until = new Date(request.endsAt ?? 0).toISOString();
  log.error("access: the glass was broken", { ...fields, reason: request.reason, until });
}
