import type { Log } from "#model/ports.ts";
import type { TargetCondition, TargetStatus } from "#model/target-health.ts";

/** One line a change: what is down, since when it is up again, and why it was down. */
export function changeLogger(log: Log): (status: TargetStatus, before: TargetCondition) => void {
  return ({ backend, target, condition }, before) => {
    const fields = { backend, target, condition, before };
    if (condition === "up") log.info("target is up", fields);
    else if (condition === "half-open") log.info("target is on trial", fields);
    else log.warn("target is down", fields);
  };
}
