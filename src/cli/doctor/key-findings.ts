import { bodyOf } from "#cli/admin/answers.ts";
import { type AdminOptions, askGateway } from "#cli/admin/connection.ts";
import type { Finding } from "#model/finding.ts";

interface DueKey {
  readonly subscription: string;
  readonly slot: string;
  readonly source: string;
  readonly ageDays: number;
  readonly dueAt: string | null;
  readonly isDue: boolean;
}

/** Keys that are older than they should become, as the running gateway knows them. @throws AdminFailure */
export async function keyFindings(options: AdminOptions, days: number): Promise<readonly Finding[]> {
  const started = performance.now();
  const reply = await askGateway(options, "GET", `/reports/keys-due?days=${days}&top=1000`);
  const keys = bodyOf<{ readonly keys: readonly DueKey[] }>(reply).keys.filter(({ isDue }) => isDue);
  const base = { group: "keys", ms: performance.now() - started };
  if (keys.length === 0) {
    const detail = `none is due by its schedule, or older than ${days} days without one`;
    return [{ ...base, name: "age", state: "passed", code: "doctor-key-age", detail, fix: null }];
  }
  return keys.map(({ subscription, slot, source, ageDays, dueAt }) => ({
    ...base,
    name: `${slot} key of ${subscription}`,
    state: "failed",
    code: "doctor-key-age",
    detail:
      dueAt === null
        ? `it is ${ageDays} days old; ${days} are allowed`
        : `it is ${ageDays} days old, and was due on ${dueAt.slice(0, 10)}`,
    fix: fixFor(subscription, slot, source),
  }));
}

function fixFor(subscription: string, slot: string, source: string): string {
  if (source === "declared") return `declare a new ${slot} key of ${subscription}, and give it to its clients`;
  return `sallyport keys rotate ${subscription} --slot ${slot}, and give its clients the new key while this one goes on`;
}
