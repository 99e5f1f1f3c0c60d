import type { CertificateStatus } from "#model/certificate-status.ts";
import { type Refusal, refuse } from "#model/decision.ts";
import type { GatewayHandles } from "./handles.ts";
import type { Lasting } from "./lasting.ts";

const minute = 60_000;
/** A responder that is down for a moment ends nobody's stream; one that stays so does. */
const patienceMs = 60 * minute;
/** While an answer is awaited, and where nobody has one. */
const againMs = minute;
/** Whatever an answer says of itself, it is not asked for more often. */
const leastMs = 15_000;

/**
 * Asks again whether the client's certificate was withdrawn, when what a policy was told at the beginning is over.
 * Whatever else policies decide they decide once.
 */
export function certificateNow(
  lasting: Lasting,
  { clock, certificateStatuses }: Pick<GatewayHandles, "clock" | "certificateStatuses">,
): Refusal | undefined | Promise<Refusal | undefined> {
  const certificate = lasting.facts.tls?.certificate ?? null;
  const now = clock.now();
  if (certificate === null || lasting.certificateStandsUntil > now) return undefined;
  const status = certificateStatuses.of(certificate);
  lasting.certificateStandsUntil = now + againMs;
  if (!(status instanceof Promise)) return judge(lasting, status, now);
  return status.then((late) => judge(lasting, late, clock.now()));
}

function judge(lasting: Lasting, { status, detail, until }: CertificateStatus, now: number): Refusal | undefined {
  if (status === "revoked") return refuse("certificate-revoked", { detail });
  if (status === "unknown") {
    const isPatient = now - lasting.certificateGoodUntil < patienceMs;
    return isPatient ? undefined : refuse("certificate-status-unknown", { detail });
  }
  lasting.certificateGoodUntil = Math.max(until, now + leastMs);
  lasting.certificateStandsUntil = lasting.certificateGoodUntil;
  return undefined;
}
