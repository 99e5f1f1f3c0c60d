import { X509Certificate } from "node:crypto";
import { type CertificateRow, isTrouble } from "#admin/certificate-row.ts";
import type { Definition } from "#model/definition.ts";
import type { Finding } from "#model/finding.ts";

const day = 86_400_000;
/** Of what nobody here renews. */
const soonMs = 14 * day;

type Verdict = Pick<Finding, "state" | "code" | "detail" | "fix">;

/** What the gateway serves, by its own list, and what stands in files of the definition. */
export function certificateFindings(
  definition: Definition,
  rows: readonly CertificateRow[] | null,
  now: number,
): readonly Finding[] {
  const served = (rows ?? []).filter(({ source }) => source !== "client").map((row) => ofRow(row, now));
  const named = definition.namedCertificates.map(({ name, chainPem }) => ofFile(`certificates.${name}`, chainPem, now));
  const files = rows === null ? definition.certificates.map(({ chainPem }) => ofFile("edge", chainPem, now)) : [];
  return [...served, ...named, ...files].map((finding) => ({ group: "certificates", ms: 0, ...finding }));
}

function ofRow(row: CertificateRow, now: number): Verdict & { readonly name: string } {
  const { names, notBefore, notAfter, problem, renewal, issuer } = row;
  const name = names.join(", ");
  const told = problem === null ? "" : `: ${problem.issuer} says ${problem.text}`;
  const until = notAfter === null ? "there is none" : `signed by ${issuer ?? "nobody"}, until ${notAfter}`;
  const fix = "sallyport certificates shows its state, and --renew asks for another now";
  if (isTrouble(row)) return { name, state: "failed", code: "doctor-certificate", detail: `${until}${told}`, fix };
  const left = notAfter === null ? Number.POSITIVE_INFINITY : Date.parse(notAfter) - now;
  const life = notAfter === null || notBefore === null ? left : Date.parse(notAfter) - Date.parse(notBefore);
  const isDue = renewal === null ? left < soonMs : left < life / 6;
  return isDue || problem !== null
    ? {
        name,
        state: "warned",
        code: "doctor-expiring",
        detail: `${until}${told}`,
        fix: renewal === null ? byHand : fix,
      }
    : { name, state: "passed", code: "doctor-certificate", detail: until, fix: null };
}

const byHand = "nobody here renews it: put a new one into its file, which is taken over without a restart";

function ofFile(name: string, pem: string, now: number): Verdict & { readonly name: string } {
  const { validToDate } = new X509Certificate(pem);
  const left = validToDate.getTime() - now;
  const detail = `until ${validToDate.toISOString()}`;
  if (left <= 0)
    return { name, state: "failed", code: "doctor-certificate", detail: `it ended: ${detail}`, fix: byHand };
  return left < soonMs
    ? { name, state: "warned", code: "doctor-expiring", detail, fix: byHand }
    : { name, state: "passed", code: "doctor-certificate", detail, fix: null };
}
