import type { AdminCall } from "#admin/call.ts";
import type { AdminPorts } from "#admin/ports.ts";
import { type AdminResult, answer } from "#admin/result.ts";

type Ports = Pick<AdminPorts, "staleKeys" | "analytics">;

const dayMs = 86_400_000;

/** Keys that were not used, or made, since so many days. */
export function reportKeys(by: "use" | "age", usualDays: number) {
  return async ({ query }: AdminCall, { staleKeys, analytics }: Ports): Promise<AdminResult> => {
    const days = Number(query.get("days") ?? usualDays);
    const before = analytics.now() - days * dayMs;
    const keys = await staleKeys(by, before, Number(query.get("top") ?? 100));
    const rows = keys.map(({ madeAt, usedAt, watchedFrom, ...key }) => ({
      ...key,
      madeAt: time(madeAt),
      ageDays: Math.floor((analytics.now() - madeAt) / dayMs),
      usedAt: usedAt === null ? null : time(usedAt),
      watchedFrom: time(watchedFrom),
    }));
    return answer({ before: time(before), keys: rows });
  };
}

function time(at: number): string {
  return new Date(at).toISOString();
}
