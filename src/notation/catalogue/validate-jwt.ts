import { everyScope, type CheckedArguments, type ArgumentProblem } from "./common.ts";
import type { ArgumentSpec, PolicySpec } from "./spec.ts";

const requiredClaim: ArgumentSpec = {
  type: "map",
  summary: "One claim that must hold.",
  entries: {
    name: { type: "string", summary: "Name of the claim.", required: true },
    match: {
      type: "enum",
      summary: "Whether all of the values must be among the claim's, or any.",
      values: ["all", "any"],
      default: "all",
    },
    separator: { type: "string", summary: "Splits a claim that is one string into values." },
    values: {
      type: "list",
      summary: "Values; none: the claim must be there.",
      items: { type: "string", summary: "Value.", expression: true },
      xml: "value",
    },
  },
};

export const validateJwt: PolicySpec = {
  name: "validate-jwt",
  summary: "Lets only requests with a good token of a provider pass. It can only narrow what identity let in.",
  sections: ["inbound"],
  scopes: everyScope,
  forwardAuth: true,
  args: {
    provider: {
      type: "string",
      summary: "Name of the provider whose tokens pass.",
      required: true,
      xml: "openid-config",
    },
    audience: {
      type: "list",
      summary: "One of these must be in the token's audience.",
      items: { type: "string", summary: "Audience.", expression: true },
      xml: "audiences/audience",
    },
    issuers: {
      type: "list",
      summary: "The token's issuer must be one of these.",
      items: { type: "string", summary: "Issuer.", expression: true },
      xml: "issuers/issuer",
    },
    requiredClaims: {
      type: "list",
      summary: "Claims that must all hold.",
      items: requiredClaim,
      xml: "required-claims/claim",
    },
    header: {
      type: "string",
      summary: "Header that holds the token: Authorization, unless one of the three places is given.",
      expression: true,
      xml: "header-name",
    },
    queryParameter: {
      type: "string",
      summary: "Query parameter that holds the token.",
      expression: true,
      xml: "query-parameter-name",
    },
    tokenValue: { type: "string", summary: "The token itself.", expression: true, xml: "token-value" },
    outputVariable: {
      type: "string",
      summary: "Variable that gets the token's claims.",
      xml: "output-token-variable-name",
    },
    failedStatus: {
      type: "integer",
      summary: "Status of a refusal.",
      default: 401,
      min: 400,
      max: 599,
      expression: true,
      xml: "failed-validation-httpcode",
    },
    failedMessage: {
      type: "string",
      summary: "Message of a refusal.",
      expression: true,
      xml: "failed-validation-error-message",
    },
    clockSkew: {
      type: "duration",
      summary: "Narrows the provider's tolerance for exp and nbf.",
      min: 0,
      max: 600_000,
      xml: "clock-skew",
    },
  },
  check: onePlace,
  example: `validate-jwt:
  provider: corp
  audience: [api://orders]
  requiredClaims:
    - { name: roles, match: any, values: [reader, writer] }
  failedMessage: Please log in.`,
};

function onePlace(args: CheckedArguments): ArgumentProblem | undefined {
  const given = ["header", "queryParameter", "tokenValue"].filter((name) => args[name] !== undefined);
  const second = given[1];
  return second === undefined
    ? undefined
    : { argument: second, message: `${given[0]} already says where the token is` };
}
