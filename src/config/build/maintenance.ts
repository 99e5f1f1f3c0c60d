import type { Maintenance } from "#model/maintenance.ts";
import type { Resources } from "#config/resources.ts";
import type { MaintenanceInput } from "#config/table/maintenance.ts";

export function buildMaintenance(input: MaintenanceInput | undefined, { pages }: Resources): Maintenance | null {
  if (input === undefined || !input.enabled) return null;
  const { retryAfter, page, allow, allowWhen } = input;
  return {
    retryAfterSeconds: retryAfter === undefined ? null : Math.ceil(retryAfter / 1000),
    page: page === undefined ? null : (pages.get(page.value) ?? null),
    allow,
    allowWhen: allowWhen ?? null,
  };
}
