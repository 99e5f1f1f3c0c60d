import type { CertificateStatus } from "#model/certificate-status.ts";
import { type Outcome, refuse, type StepResult } from "#model/decision.ts";
import type { Exchange } from "#model/exchange.ts";
import type { PolicyNode } from "#model/policy-tree.ts";
import type { ReasonCode } from "#model/reasons.ts";
import { argumentOf, listOf, requiredValue } from "#policy/arguments.ts";
import { linkCertificateIdentity } from "#policy/certificate-identity.ts";
import type { LinkContext, Run } from "#policy/context.ts";
import { evaluateBoolean } from "#policy/values.ts";

/**
 * Trust and times were settled by the handshake, for every certificate that is known here: leaving them out of this
 * policy does not let an unverified one pass. Identities narrow further, and whether it was withdrawn is asked last.
 */
export function link(node: PolicyNode, { ports }: LinkContext): Run {
  const { clock, certificateStatuses, ownCertificates } = ports;
  const ignoreError = evaluateBoolean(requiredValue(node, "ignoreError"), clock);
  const asksIssuer = evaluateBoolean(requiredValue(node, "validateRevocation"), clock);
  const identities = listOf(argumentOf(node, "identities")).map((item) =>
    linkCertificateIdentity(item, ownCertificates),
  );
  return (exchange) => {
    const outcome = outcomeOf(exchange);
    if (outcome === undefined) return undefined;
    if (!(outcome instanceof Promise)) return ignoreError(exchange) ? undefined : outcome;
    return outcome.then((late) => (late === undefined || ignoreError(exchange) ? undefined : late));
  };

  function outcomeOf(exchange: Exchange): StepResult {
    const { tls } = exchange.facts;
    const certificate = tls?.certificate ?? null;
    if (certificate === null) return refused(tls?.certificateProblem ?? null);
    if (identities.length > 0 && !identities.some((isOf) => isOf(certificate))) {
      return refuse("certificate-not-allowed", { detail: certificate.subject });
    }
    if (!asksIssuer(exchange)) return undefined;
    const status = certificateStatuses.of(certificate);
    return status instanceof Promise ? status.then((late) => judged(exchange, late)) : judged(exchange, status);
  }

  function judged(exchange: Exchange, status: CertificateStatus): Outcome {
    const outcome = judge(status);
    // What lasts is asked about again, unless its end would be ignored here.
    if (outcome === undefined && !ignoreError(exchange)) exchange.certificateStandsUntil = status.until;
    return outcome;
  }
}

function judge({ status, detail }: CertificateStatus): Outcome {
  if (status === "good") return undefined;
  return refuse(status === "revoked" ? "certificate-revoked" : "certificate-status-unknown", { detail });
}

function refused(problem: string | null): Outcome {
  const reason: ReasonCode = problem === null ? "certificate-required" : "certificate-not-trusted";
  return refuse(reason, problem === null ? {} : { detail: problem });
}
