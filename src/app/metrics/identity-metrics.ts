import type { Revocations } from "#identity/revocations.ts";
import { revocationKinds } from "#model/identity-revocation.ts";
import type { Collector, Gauges } from "#model/metrics.ts";
import { limiterAlarms } from "#threads/limiter.ts";
import type { SharedCounters } from "#app/shared-tables.ts";

/** What is revoked, and whether what clients are counted by still has room. */
export function identityMetrics(
  revocations: Pick<Revocations, "all">,
  { limiter, proofs }: Pick<SharedCounters, "limiter" | "proofs">,
): Collector {
  return (gauges: Gauges) => {
    const all = revocations.all();
    for (const kind of revocationKinds) {
      gauges.set("sallyport_revocations", { kind }, all.filter((one) => one.kind === kind).length);
    }
    gauges.set("sallyport_counters_without_room", { table: "limits" }, limiterAlarms(limiter));
    gauges.set("sallyport_counters_without_room", { table: "dpop-proofs" }, limiterAlarms(proofs));
  };
}
