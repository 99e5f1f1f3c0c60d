import type { TargetState, UpstreamStates } from "#admin/ports.ts";
import type { Snapshot } from "#model/snapshot.ts";
import type { TargetStatus } from "#model/target-health.ts";

/**
 * Backends with their targets, as all workers see them together. A worker learns from its own requests, so one may
 * have put a target aside that another still uses; and it asks the name server itself, so one may know of a target first.
 *
 * @param seen what each worker said that answered
 */
export function upstreamStates(
  { backends }: Pick<Snapshot, "backends">,
  asked: number,
  seen: readonly (readonly TargetStatus[])[],
): UpstreamStates {
  const byBackend = Map.groupBy(seen.flat(), ({ backend }) => backend);
  const upstreams = backends.map(({ name, targets, health }) => ({
    backend: name,
    urls: targets.map(({ url }) => url),
    checked: health !== null,
    targets: targetStates(byBackend.get(name) ?? []),
  }));
  return { workers: { asked, answered: seen.length }, upstreams };
}

function targetStates(statuses: readonly TargetStatus[]): readonly TargetState[] {
  return [...Map.groupBy(statuses, ({ target }) => target)].map(([target, all]) => {
    const { weight, priority } = all[0] as TargetStatus;
    const active = all.reduce((sum, one) => sum + one.active, 0);
    const byCondition = Map.groupBy(all, ({ condition }) => condition);
    const conditions = Object.fromEntries([...byCondition].map(([condition, { length }]) => [condition, length]));
    return { target, weight, priority, active, conditions };
  });
}
