import type { PolicyNode } from "#model/policy-tree.ts";
import { literalText } from "#policy/arguments.ts";
import type { LinkContext, Run } from "#policy/context.ts";
import { linkTokenChecks, linkTrustChecks } from "#policy/token-checks.ts";
import { linkTokenTrust } from "#policy/token-trust.ts";
import { linkValidation, settle } from "#policy/token-validation.ts";

/**
 * Narrows: the token must be good, of this provider or by keys that the policy names, and pass this policy's own
 * checks. Who the principal is was settled by identity before and does not change here.
 */
export function link(node: PolicyNode, context: LinkContext): Run {
  const { tokens, trustedTokens, clock } = context.ports;
  if (literalText(node, "provider") !== undefined) {
    const check = linkTokenChecks(node, clock);
    return linkValidation(node, clock, (token, exchange) => {
      // Of the request's own token identity has had the proof.
      const verdict = token === exchange.provenToken ? tokens.verifyBound(token) : tokens.verify(token);
      return settle(verdict, check, exchange);
    });
  }
  const trust = linkTokenTrust(node, context.ports);
  const check = linkTrustChecks(node, clock);
  return linkValidation(node, clock, (token, exchange) =>
    settle(trustedTokens.verify(token, trust(exchange)), check, exchange),
  );
}
