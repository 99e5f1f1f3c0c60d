import type { AdminCall } from "#admin/call.ts";
import type { AdminPorts } from "#admin/ports.ts";
import { type AdminResult, answer } from "#admin/result.ts";
import type { StaleKey } from "#products/key-reports.ts";

type Ports = Pick<AdminPorts, "keyReports" | "analytics">;

const dayMs = 86_400_000;

/** Keys that were not used since so many days. */
export async function reportUnusedKeys({ query }: AdminCall, ports: Ports): Promise<AdminResult> {
  const now = ports.analytics.now();
  const before = now - Number(query.get("days") ?? 30) * dayMs;
  const keys = await ports.keyReports.unused(before, Number(query.get("top") ?? 100));
  return answer({ before: timeText(before), keys: keys.map((key) => shown(key, now)) });
}

/** Keys that a schedule has noticed, and those without one that are older than so many days. */
export async function reportKeysDue({ query }: AdminCall, ports: Ports): Promise<AdminResult> {
  const now = ports.analytics.now();
  const usualMs = Number(query.get("days") ?? 90) * dayMs;
  const keys = await ports.keyReports.due(usualMs, Number(query.get("top") ?? 100));
  const rows = keys.map(({ dueAt, ...key }) => ({
    ...shown(key, now),
    dueAt: dueAt === null ? null : timeText(dueAt),
    isDue: dueAt === null || dueAt <= now,
  }));
  return answer({ before: timeText(now - usualMs), keys: rows });
}

function shown({ madeAt, usedAt, watchedFrom, ...key }: StaleKey, now: number): object {
  return {
    ...key,
    madeAt: timeText(madeAt),
    ageDays: Math.floor((now - madeAt) / dayMs),
    usedAt: usedAt === null ? null : timeText(usedAt),
    watchedFrom: timeText(watchedFrom),
  };
}

function timeText(at: number): string {
  return new Date(at).toISOString();
}
