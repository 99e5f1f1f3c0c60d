import { bodyOf } from "#cli/admin/answers.ts";
import { type AdminOptions, askGateway } from "#cli/admin/connection.ts";
import type { Finding } from "#model/finding.ts";

interface DueKey {
  readonly subscription: string;
  readonly slot: string;
  readonly ageDays: number;
}

/** Keys that are older than they should become, as the running gateway knows them. @throws AdminFailure */
export async function keyFindings(options: AdminOptions, days: number): Promise<readonly Finding[]> {
  const started = performance.now();
  const reply = await askGateway(options, "GET", `/reports/keys-due?days=${days}&top=1000`);
  const { keys } = bodyOf<{ readonly keys: readonly DueKey[] }>(reply);
  const base = { group: "keys", ms: performance.now() - started };
  if (keys.length === 0) {
    const detail = `none is older than ${days} days`;
    return [{ ...base, name: "age", state: "passed", code: "doctor-key-age", detail, fix: null }];
  }
  return keys.map(({ subscription, slot, ageDays }) => ({
    ...base,
    name: `${slot} key of ${subscription}`,
    state: "failed",
    code: "doctor-key-age",
    detail: `it is ${ageDays} days old; ${days} are allowed`,
    fix: `give its clients the other slot's key, then sallyport keys regenerate ${subscription} --slot ${slot}`,
  }));
}
