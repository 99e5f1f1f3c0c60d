import { bodyOf } from "#cli/admin/answers.ts";
import { type AdminOptions, askGateway } from "#cli/admin/connection.ts";
import type { Finding } from "#model/finding.ts";

interface ShownSecret {
  readonly name: string;
  readonly origin: string;
  readonly maker: string;
  readonly dueAt: string;
  readonly stage: string;
}

/** Secrets that should have been changed by now, as the running gateway knows them. @throws AdminFailure */
export async function secretFindings(options: AdminOptions): Promise<readonly Finding[]> {
  const started = performance.now();
  const { secrets } = bodyOf<{ readonly secrets: readonly ShownSecret[] }>(
    await askGateway(options, "GET", "/secrets"),
  );
  const base = { group: "secrets", code: "doctor-secret-age", ms: performance.now() - started };
  return secrets.map(({ name, origin, maker, dueAt, stage }) => {
    const day = dueAt.slice(0, 10);
    if (stage !== "due") return { ...base, name, state: "passed", detail: `due on ${day}`, fix: null };
    const byHand = `put a new one where it is read (${origin}), and take the one before from whoever made it`;
    const fix =
      maker === "by hand" ? byHand : `sallyport secrets rotate ${name}, which says what keeps it from being changed`;
    return { ...base, name, state: "failed", detail: `was due on ${day}`, fix };
  });
}
