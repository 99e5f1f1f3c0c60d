import { createInternalCa, type IssuedWorkload } from "#edge/internal-ca.ts";
import { IssuedCertificates } from "#edge/issued-certificates.ts";
import { Revocations } from "#edge/revocations.ts";
import type { SecretFiles } from "#edge/secret-files.ts";
import type { Clock, Log, Random } from "#model/ports.ts";

export type { IssuedWorkload } from "#edge/internal-ca.ts";

interface Ports {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly secrets: SecretFiles;
}

export interface RevokeRequest {
  /** Of the internal CA; it must be there. */
  readonly caPath: string;
  /** Hex, lower case; or a text that begins with the certificate. */
  readonly target: { readonly serial: string } | { readonly pem: string };
  /** RFC 5280 §5.3.1 */
  readonly reason: number;
}

/** What was revoked, now or before; or why nothing was. */
export type RevokeResult =
  | { readonly revoked: IssuedWorkload; readonly before: boolean }
  | { readonly problem: string };

/** @throws GatewayError `store-corrupt` when the CA cannot be used */
export async function revokeCertificate(
  { caPath, target, reason }: RevokeRequest,
  ports: Ports,
): Promise<RevokeResult> {
  const ca = await createInternalCa({ directory: caPath, ...ports });
  const found = "serial" in target ? await ca.findIssued(target.serial) : await readIssued(ca, target.pem);
  if (found === null) return { problem: "this CA has not issued it, or its issuer is gone" };
  if (found.notAfter <= ports.clock.now()) return { problem: "it has expired: there is nothing to take back" };
  if (found.revocation !== null) return { revoked: found, before: true };
  await ca.revokeIssued(found, reason);
  return { revoked: { ...found, revocation: { at: ports.clock.now(), reason } }, before: false };
}

/** Those that have not expired, the newest first. Opens no key. @throws GatewayError `store-corrupt` */
export async function issuedCertificates(
  caPath: string,
  { clock, random }: Pick<Ports, "clock" | "random">,
): Promise<readonly IssuedWorkload[]> {
  const revocations = await Revocations.open(caPath, random);
  const records = await new IssuedCertificates(caPath, clock, random).all();
  return records.map((record) => ({ ...record, revocation: revocations.find(record.issuer, record.serial) }));
}

async function readIssued(
  ca: Awaited<ReturnType<typeof createInternalCa>>,
  text: string,
): Promise<IssuedWorkload | null> {
  const [pem] = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/.exec(text) ?? [];
  try {
    return pem === undefined ? null : await ca.readIssued(pem);
  } catch {
    // No certificate at all.
    return null;
  }
}
