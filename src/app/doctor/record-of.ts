import { setTimeout as sleep } from "node:timers/promises";
import { findRecord } from "#audit/read/find.ts";
import type { AuditRecord } from "#model/record.ts";

const patienceMs = 3_000;

/** What the gateway itself wrote of a request, a moment later at the most. Null: it is not at hand. */
export async function recordOf(folder: string, id: string): Promise<AuditRecord | null> {
  for (let waited = 0; waited < patienceMs; waited += 100) {
    const found = await findRecord(folder, id);
    if (found !== undefined && "client" in found) return found;
    await sleep(100);
  }
  return null;
}
