import type { X509Certificate } from "node:crypto";
import { type OcspTarget, ocspTargetOf } from "#edge/ocsp/target.ts";
import { inSlices } from "#lib/slices.ts";
import type { CertificateStatus } from "#model/certificate-status.ts";
import type { Meter } from "#model/metrics.ts";
import type { KeptLists } from "./kept-lists.ts";
import { listUrlsOf } from "./list-urls.ts";
import type { Responders } from "./responders.ts";
import { findEntry, type RevocationList } from "./revocation-list.ts";

export interface IssuerStatusOptions {
  readonly responders: Responders;
  readonly lists: KeptLists;
  readonly meter: Meter;
}

type Source = "ocsp" | "crl";

/**
 * Asks about one certificate: its responder, and where that has no word its issuer's list.
 *
 * @param issuer has signed it, and is itself trusted, or on the path to somebody who is
 * @throws Error that says why nothing is known
 */
export async function askIssuer(
  certificate: X509Certificate,
  issuer: X509Certificate,
  options: IssuerStatusOptions,
): Promise<CertificateStatus> {
  const ways = waysToAsk(certificate, issuer, options);
  if (ways.length === 0) throw new Error("it names neither a responder nor a revocation list");
  const problems: string[] = [];
  for (const [source, ask] of ways) {
    try {
      const found = await ask();
      options.meter.add("sallyport_revocation_checks_total", { source, result: found.status });
      return found;
    } catch (error) {
      options.meter.add("sallyport_revocation_checks_total", { source, result: "failed" });
      problems.push(`${source === "ocsp" ? "OCSP" : "list"}: ${(error as Error).message}`);
    }
  }
  throw new Error(problems.join("; "));
}

function waysToAsk(
  certificate: X509Certificate,
  issuer: X509Certificate,
  options: IssuerStatusOptions,
): readonly (readonly [Source, () => Promise<CertificateStatus>])[] {
  const target = ocspTargetOf(certificate, issuer);
  const urls = listUrlsOf(certificate);
  return [
    ...(target === null ? [] : [["ocsp", () => askResponder(target, options)] as const]),
    ...urls.map((url) => ["crl", () => askList(certificate, issuer, url, urls, options)] as const),
  ];
}

async function askResponder(target: OcspTarget, { responders }: IssuerStatusOptions): Promise<CertificateStatus> {
  const { status, revokedAt, nextUpdate } = await responders.ask(target);
  return verdict(status === "revoked" ? (revokedAt ?? 0) : null, nextUpdate);
}

async function askList(
  certificate: X509Certificate,
  issuer: X509Certificate,
  url: string,
  urls: readonly string[],
  { lists }: IssuerStatusOptions,
): Promise<CertificateStatus> {
  const list = await lists.get(url, issuer);
  checkScope(list, certificate, urls);
  const entry = await inSlices(findEntry(list, certificate.serialNumber));
  return verdict(entry === null ? null : entry.at, list.nextUpdate);
}

/** A list of other certificates says nothing of this one by not having it. */
function checkScope({ scope }: RevocationList, { ca }: X509Certificate, urls: readonly string[]): void {
  if (!(ca ? scope.authorities : scope.users)) throw new Error("the list is of other certificates");
  if (scope.urls !== null && !scope.urls.some((url) => urls.includes(url))) {
    throw new Error("the list is that of another place");
  }
}

function verdict(revokedAt: number | null, until: number): CertificateStatus {
  if (revokedAt === null) return { status: "good", detail: "", until };
  return { status: "revoked", detail: `revoked at ${new Date(revokedAt).toISOString()}`, until };
}
