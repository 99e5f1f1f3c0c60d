import type { AdminCall } from "#admin/call.ts";
import type { AdminPorts, ShadowPort } from "#admin/ports.ts";
import { type AdminResult, answer } from "#admin/result.ts";

type Ports = Pick<AdminPorts, "shadow">;

export async function readShadow(_: AdminCall, { shadow }: Ports): Promise<AdminResult> {
  return answer(shown(shadow));
}

export async function clearShadow(_: AdminCall, { shadow }: Ports): Promise<AdminResult> {
  shadow.clear();
  return answer(shown(shadow), { detail: "differences of old gateways" });
}

function shown({ since, dropped, totals, differences }: ShadowPort): object {
  return {
    since: timeOf(since),
    apis: [...totals].map(([api, outcomes]) => ({ api, ...outcomes })),
    differences: differences.map(({ fresh, firstAt, lastAt, ...difference }) => ({
      ...difference,
      new: fresh,
      firstAt: timeOf(firstAt),
      lastAt: timeOf(lastAt),
    })),
    dropped,
  };
}

function timeOf(ms: number): string {
  return new Date(ms).toISOString();
}
