import { type Refusal, refuse } from "#model/decision.ts";
import type { Exchange } from "#model/exchange.ts";
import type { HeaderList } from "#model/header-list.ts";
import type { VerifiedToken } from "#model/ports.ts";
import type { ReasonCode } from "#model/reasons.ts";
import { isBoundElsewhere } from "./certificate-binding.ts";
import { dpopChallenge, invalidTokenChallenge } from "./challenges.ts";
import { confirmationOf } from "./confirmation.ts";
import type { ProofChecker } from "./dpop-proof.ts";
import { soleField } from "./sole-field.ts";

/** A token of `Authorization`, as it was shown. */
export interface ShownToken {
  readonly text: string;
  readonly scheme: "Bearer" | "DPoP";
}

/**
 * Requests that have proven what their token is bound to. One that lasts is asked about again, and has no second proof.
 * By their fields, which all copies of what the edge received share.
 */
const proven = new WeakSet<HeaderList>();

/** Whether the sender of a good token has what the token is bound to. Null: no proof by key can be checked here. */
export function checkSender(
  exchange: Exchange,
  { text, scheme }: ShownToken,
  { claims, principal }: VerifiedToken,
  proofs: ProofChecker | null,
): Refusal | undefined {
  const confirmation = confirmationOf(claims);
  // The verifier has refused it.
  if (confirmation === null) return refuse("token-claim-not-allowed");
  const { certificate, key } = confirmation ?? {};
  if (certificate !== undefined && isBoundElsewhere(certificate, exchange.facts.tls)) {
    const headers = invalidTokenChallenge(exchange, "token-certificate-mismatch");
    return refuse("token-certificate-mismatch", { headers });
  }
  if (scheme === "DPoP" && key === undefined) return unfit(exchange, "token-not-bound", "Bearer would do");
  const refusal =
    key === undefined ? undefined : checkProof(exchange, scheme, principal.tokenDigest ?? "", key, proofs);
  if (refusal === undefined) exchange.provenToken = text;
  return refusal;
}

function checkProof(
  exchange: Exchange,
  scheme: ShownToken["scheme"],
  digest: string,
  key: string,
  proofs: ProofChecker | null,
): Refusal | undefined {
  const { headers } = exchange.facts;
  if (proofs === null) return unfit(exchange, "dpop-proof-missing", "proofs are not checked here");
  if (scheme === "Bearer") return unfit(exchange, "dpop-proof-missing", "sent as a bearer token");
  const proof = soleField(headers, "dpop");
  if (proof === undefined) return unproven(exchange, "dpop-proof-missing", "no field DPoP");
  removeProof(exchange);
  if (proof === null) return unproven(exchange, "dpop-proof-invalid", "several fields DPoP");
  if (proven.has(headers)) return undefined;
  const problem = proofs.check(proof, exchange.facts, { digest, key });
  if (problem !== undefined) return unproven(exchange, problem.reason, problem.detail);
  proven.add(headers);
  return undefined;
}

/** It is used up, and for this URL: the upstream has no use for it. What came in stays as it was. */
function removeProof({ request, facts }: Exchange): void {
  if (request.headers === facts.headers) request.headers = request.headers.clone();
  request.headers.delete("dpop");
}

function unfit(exchange: Exchange, reason: ReasonCode, detail: string): Refusal {
  return refuse(reason, { detail, headers: dpopChallenge(exchange, "invalid_token", reason) });
}

function unproven(exchange: Exchange, reason: ReasonCode, detail: string): Refusal {
  return refuse(reason, { detail, headers: dpopChallenge(exchange, "invalid_dpop_proof", reason) });
}
