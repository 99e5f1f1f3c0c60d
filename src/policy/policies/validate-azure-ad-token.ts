import type { PolicyNode } from "#model/policy-tree.ts";
import type { Clock } from "#model/ports.ts";
import type { TokenTrust } from "#model/token-trust.ts";
import { optionalValue, requiredValue, valuesOf } from "#policy/arguments.ts";
import type { LinkContext, PolicyPorts, Run } from "#policy/context.ts";
import { issuersOf, metadataOf } from "#policy/entra-issuers.ts";
import { inOrder, linkRequiredClaims, texts, type TokenCheck, type TrustedToken } from "#policy/token-checks.ts";
import { linkTokenTimes } from "#policy/token-times.ts";
import { linkDecryption } from "#policy/token-trust.ts";
import { linkValidation, settle } from "#policy/token-validation.ts";
import { type Evaluate, evaluateString } from "#policy/values.ts";

/** Narrows as `validate-jwt` does: the token must be one of the tenant, for this API, and of an application that may. */
export function link(node: PolicyNode, context: LinkContext): Run {
  const { trustedTokens, clock } = context.ports;
  const trust = linkTenant(node, context.ports);
  const check = inOrder<TrustedToken>([
    checkIssuer,
    linkTokenTimes(node, clock),
    audienceCheck(node, clock),
    clientCheck(texts(valuesOf(node, "clientApplicationIds"), clock)),
    ...linkRequiredClaims(node, clock),
  ]);
  return linkValidation(node, clock, (token, exchange) =>
    settle(trustedTokens.verify(token, trust(exchange)), check, exchange),
  );
}

function linkTenant(node: PolicyNode, { clock, ownCertificates }: PolicyPorts): Evaluate<TokenTrust> {
  const decryption = linkDecryption(node, clock, ownCertificates);
  const tenant = requiredValue(node, "tenantId");
  const endpoint = optionalValue(node, "authenticationEndpoint");
  const evaluateTenant = evaluateString(tenant, clock);
  const evaluateEndpoint = endpoint && evaluateString(endpoint, clock);
  // A computed name of a tenant cannot lead to another host; a URL could.
  const isFixed = tenant.kind === "literal" && (endpoint === undefined || endpoint.kind === "literal");
  const make: Evaluate<TokenTrust> = (exchange) => ({
    metadata: [metadataOf(evaluateTenant(exchange), evaluateEndpoint?.(exchange), isFixed)],
    keys: [],
    ...decryption.evaluate(exchange),
  });
  if (!isFixed || decryption.computed) return make;
  let trust: TokenTrust | undefined;
  return (exchange) => (trust ??= make(exchange));
}

const checkIssuer: TokenCheck<TrustedToken> = ({ claims, issuer }) =>
  issuer !== null && issuersOf(issuer).includes(String(claims["iss"]))
    ? undefined
    : { reason: "token-issuer-unknown", detail: "the issuer is not the tenant" };

/** Either list, or both together; of an application its id and the URI that it has by default. */
function audienceCheck(node: PolicyNode, clock: Clock): TokenCheck {
  const audiences = texts(valuesOf(node, "audience"), clock);
  const applications = texts(valuesOf(node, "backendApplicationIds"), clock);
  return ({ claims }, exchange) => {
    if (audiences.length + applications.length === 0) return undefined;
    const { aud } = claims;
    const sent: readonly unknown[] = Array.isArray(aud) ? aud : [aud];
    const allowed = audiences.map((audience) => audience(exchange));
    for (const application of applications) allowed.push(application(exchange), `api://${application(exchange)}`);
    if (allowed.some((audience) => sent.includes(audience))) return undefined;
    return { reason: "token-audience-not-allowed", detail: "the audience is not one of this policy's" };
  };
}

/** The second version has the client in `azp`, the first in `appid`. */
function clientCheck(allowed: readonly Evaluate<string>[]): TokenCheck {
  return ({ claims }, exchange) => {
    if (allowed.length === 0) return undefined;
    const client = claims["azp"] ?? claims["appid"];
    if (client === undefined) return { reason: "token-claim-missing", detail: "azp" };
    if (allowed.some((one) => one(exchange) === client)) return undefined;
    return { reason: "token-claim-not-allowed", detail: "the client application is not one of this policy's" };
  };
}
