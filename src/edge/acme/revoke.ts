import { X509Certificate } from "node:crypto";
import { type RevocationReason, revocationReasons } from "#model/revocation.ts";
import { AcmeError, unusable } from "./problem.ts";
import type { AcmeSession } from "./session.ts";

/**
 * Revokes a certificate that this account ordered. One that is revoked already is as good.
 *
 * @see RFC 8555 §7.6
 */
export async function revoke(session: AcmeSession, certificatePem: string, reason: RevocationReason): Promise<void> {
  const { revokeCert } = session.directory;
  if (revokeCert === undefined) throw unusable("the authority revokes nothing");
  const certificate = new X509Certificate(certificatePem).raw.toString("base64url");
  const payload = { certificate, reason: revocationReasons[reason] };
  try {
    await session.post(revokeCert, payload, "revoking the certificate");
  } catch (error) {
    if (error instanceof AcmeError && error.problem.type === "alreadyRevoked") return;
    throw error;
  }
}
