import { type ArgumentProblem, type CheckedArguments, everyScope, literalOf } from "./common.ts";
import type { ArgumentSpec, PolicySpec } from "./spec.ts";
import { areKeys, decryptionKey, emptyList, onePlace, requiredClaim } from "./validate-jwt.ts";

function texts(summary: string, xml: string): ArgumentSpec {
  return { type: "list", summary, items: { type: "string", summary: "Value.", expression: true }, xml };
}

export const validateAzureAdToken: PolicySpec = {
  name: "validate-azure-ad-token",
  summary: "Lets only requests with a good token of an Entra ID tenant pass.",
  sections: ["inbound"],
  scopes: everyScope,
  forwardAuth: true,
  args: {
    tenantId: { type: "string", summary: "Tenant: id or domain.", required: true, expression: true },
    header: { type: "string", summary: "Header that holds the token.", expression: true, xml: "@header-name" },
    queryParameter: {
      type: "string",
      summary: "Query parameter that holds the token.",
      expression: true,
      xml: "@query-parameter-name",
    },
    tokenValue: { type: "string", summary: "The token itself.", expression: true },
    authenticationEndpoint: { type: "string", summary: "Another cloud's endpoint.", expression: true },
    failedStatus: {
      type: "integer",
      summary: "Status of a refusal.",
      default: 401,
      min: 400,
      max: 599,
      expression: true,
      xml: "@failed-validation-httpcode",
    },
    failedMessage: {
      type: "string",
      summary: "Message of a refusal.",
      expression: true,
      xml: "@failed-validation-error-message",
    },
    outputVariable: {
      type: "string",
      summary: "Variable that gets the token.",
      xml: "@output-token-variable-name",
    },
    backendApplicationIds: texts("Applications that tokens are for.", "backend-application-ids/application-id"),
    clientApplicationIds: texts("Applications that may call.", "client-application-ids/application-id"),
    audience: texts("One of these must be in the token's audience.", "audiences/audience"),
    requiredClaims: {
      type: "list",
      summary: "Claims that must all hold.",
      items: requiredClaim,
      xml: "required-claims/claim",
    },
    decryptionKeys: {
      type: "list",
      summary: "Keys that open encrypted tokens.",
      items: decryptionKey,
      xml: "decryption-keys/key",
    },
  },
  check: (args) => onePlace(args) ?? emptyList(args) ?? oneTenant(args) ?? areKeys(args),
  example: `validate-azure-ad-token:
  tenantId: contoso.onmicrosoft.com
  clientApplicationIds: ["{{client-id}}"]`,
};

/** Whoever can make a tenant of Entra ID of their own could call. */
function oneTenant({ tenantId }: CheckedArguments): ArgumentProblem | undefined {
  const tenant = String(literalOf(tenantId) ?? "").replace(/^.*\//, "");
  return /^(common|organizations|consumers)$/i.test(tenant)
    ? { argument: "tenantId", message: `${tenant} lets tokens of every tenant pass: name the tenant` }
    : undefined;
}
