import { hash } from "node:crypto";
import { type Refusal, refuse } from "#model/decision.ts";
import type { Exchange } from "#model/exchange.ts";
import type { HeaderList } from "#model/header-list.ts";
import type { VerifiedToken } from "#model/ports.ts";
import type { ReasonCode } from "#model/reasons.ts";
import { isBoundElsewhere } from "./certificate-binding.ts";
import { dpopChallenge, invalidTokenChallenge } from "./challenges.ts";
import { confirmationOf } from "./confirmation.ts";
import type { NextNonce, ProofChecker, ProofProblem, ProvenToken } from "./dpop-proof.ts";
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
  { claims, dpopNonces }: VerifiedToken,
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
    key === undefined
      ? undefined
      : checkProof(exchange, scheme, { digest: hash("sha256", text, "base64url"), key, nonces: dpopNonces }, proofs);
  if (refusal === undefined) exchange.provenToken = text;
  return refusal;
}

function checkProof(
  exchange: Exchange,
  scheme: ShownToken["scheme"],
  token: ProvenToken,
  proofs: ProofChecker | null,
): Refusal | undefined {
  const { headers } = exchange.facts;
  if (proofs === null) return unfit(exchange, "dpop-proof-missing", "proofs are not checked here");
  if (scheme === "Bearer") return unfit(exchange, "dpop-proof-missing", "sent as a bearer token");
  const nonce = token.nonces === undefined ? null : proofs;
  const proof = soleField(headers, "dpop");
  if (proof === undefined) return unproven(exchange, missing, nonce);
  removeProof(exchange);
  if (proof === null) return unproven(exchange, severalProofs, nonce);
  if (proven.has(headers)) return undefined;
  const outcome = proofs.check(proof, exchange.facts, token);
  if (outcome !== undefined && "reason" in outcome) return unproven(exchange, outcome, nonce);
  proven.add(headers);
  if (outcome !== undefined) giveNonce(exchange, outcome);
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

const missing: ProofProblem = { reason: "dpop-proof-missing", detail: "no field DPoP" };
const severalProofs: ProofProblem = { reason: "dpop-proof-invalid", detail: "several fields DPoP" };

/** @param nonces gives the nonce that the next proof must hold; null: it needs none. */
function unproven(exchange: Exchange, { reason, detail }: ProofProblem, nonces: ProofChecker | null): Refusal {
  const error = reason === "dpop-nonce-required" ? "use_dpop_nonce" : "invalid_dpop_proof";
  const challenge = dpopChallenge(exchange, error, reason);
  return refuse(reason, {
    detail,
    headers: nonces === null ? challenge : [...challenge, "DPoP-Nonce", nonces.nonce()],
  });
}

/** An answer from a cache would bring an old one. @see RFC 9449 §8.2 */
function giveNonce(exchange: Exchange, { nextNonce }: NextNonce): void {
  exchange.addResponseHeader("DPoP-Nonce", nextNonce);
  exchange.addResponseHeader("Cache-Control", "no-store");
}
