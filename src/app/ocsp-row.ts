import type { CertificateRow } from "#admin/certificate-row.ts";
import type { Staple } from "#edge/ocsp/staple.ts";

/** Null for a certificate that names no responder and needs no status. */
export function ocspRow(staple: Staple | null): CertificateRow["ocsp"] {
  if (staple === null) return null;
  const { answer, facts, problem, dueAt } = staple;
  return {
    status: answer?.status === "good" || answer?.status === "revoked" ? answer.status : "none",
    mustStaple: facts.mustStaple,
    thisUpdate: answer === null ? null : iso(answer.thisUpdate),
    nextUpdate: answer === null ? null : iso(answer.nextUpdate),
    problem,
    nextTry: facts.target === null || dueAt === 0 ? null : iso(dueAt),
  };
}

function iso(time: number): string {
  return new Date(time).toISOString();
}
