import { type Outcome, refuse } from "#model/decision.ts";
import type { Exchange } from "#model/exchange.ts";
import type { PolicyNode } from "#model/policy-tree.ts";
import type { ReasonCode } from "#model/reasons.ts";
import { argumentOf, listOf, requiredValue } from "#policy/arguments.ts";
import { linkCertificateIdentity } from "#policy/certificate-identity.ts";
import type { LinkContext, Run } from "#policy/context.ts";
import { evaluateBoolean } from "#policy/values.ts";

/**
 * Trust and times were settled by the handshake, for every certificate that is known here: leaving them out of this
 * policy does not let an unverified one pass. Identities narrow further.
 */
export function link(node: PolicyNode, { ports }: LinkContext): Run {
  const ignoreError = evaluateBoolean(requiredValue(node, "ignoreError"), ports.clock);
  const identities = listOf(argumentOf(node, "identities")).map(linkCertificateIdentity);
  return (exchange) => {
    const problem = problemOf(exchange);
    return problem === undefined || ignoreError(exchange) ? undefined : problem;
  };

  function problemOf({ facts: { tls } }: Exchange): Outcome {
    const certificate = tls?.certificate ?? null;
    if (certificate === null) return refused(tls?.certificateProblem ?? null);
    if (identities.length === 0 || identities.some((isOf) => isOf(certificate))) return undefined;
    return refuse("certificate-not-allowed", { detail: certificate.subject });
  }
}

function refused(problem: string | null): Outcome {
  const reason: ReasonCode = problem === null ? "certificate-required" : "certificate-not-trusted";
  return refuse(reason, problem === null ? {} : { detail: problem });
}
