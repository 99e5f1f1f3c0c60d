import type { Argument } from "#model/policy-tree.ts";
import { type ArgumentProblem, type CheckedArguments, everyScope, itemsOf, literalOf } from "./common.ts";
import type { ArgumentSpec, PolicySpec } from "./spec.ts";

const id: ArgumentSpec = { type: "string", summary: "The kid of tokens it is for." };

export const decryptionKey: ArgumentSpec = {
  type: "map",
  summary: "One key: base64, or a certificate.",
  entries: {
    id,
    certificateId: { type: "string", summary: "Name of one of `certificates`, with its key." },
    value: { type: "string", summary: "Symmetric key, base64.", expression: true, xml: "." },
  },
};

const tokenKey: ArgumentSpec = {
  type: "map",
  summary: "One key: base64, a certificate, or modulus and exponent.",
  entries: {
    id,
    certificateId: { type: "string", summary: "Name of one of `certificates`." },
    n: { type: "string", summary: "RSA modulus, base64url." },
    e: { type: "string", summary: "RSA exponent, base64url." },
    value: { type: "string", summary: "Symmetric key, base64.", expression: true, xml: "." },
  },
};

export const requiredClaim: ArgumentSpec = {
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
      xml: null,
    },
    openidConfig: {
      type: "list",
      summary: "OpenID providers by the URL of their metadata.",
      items: {
        type: "map",
        summary: "A provider.",
        entries: { url: { type: "string", summary: "URL of the metadata.", required: true, expression: true } },
      },
    },
    issuerSigningKeys: {
      type: "list",
      summary: "Keys that sign tokens.",
      items: tokenKey,
      xml: "issuer-signing-keys/key",
    },
    decryptionKeys: {
      type: "list",
      summary: "Keys that open encrypted tokens; what is in them must be signed.",
      items: decryptionKey,
      xml: "decryption-keys/key",
    },
    requireExpirationTime: {
      type: "boolean",
      summary: "A token without an end is refused.",
      default: true,
      expression: true,
    },
    requireScheme: { type: "string", summary: "Scheme before the token.", expression: true },
    requireSignedTokens: {
      type: "boolean",
      summary: "A token without a signature is refused. false: anybody can write one that passes.",
      default: true,
      expression: true,
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
      xml: "@header-name",
    },
    queryParameter: {
      type: "string",
      summary: "Query parameter that holds the token.",
      expression: true,
      xml: "@query-parameter-name",
    },
    tokenValue: { type: "string", summary: "The token itself.", expression: true, xml: "@token-value" },
    outputVariable: {
      type: "string",
      summary: "Variable that gets the token's claims.",
      xml: "@output-token-variable-name",
    },
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
    clockSkew: {
      type: "duration",
      summary: "Narrows the provider's tolerance for exp and nbf.",
      min: 0,
      max: 600_000,
      expression: true,
      xml: "@clock-skew",
    },
  },
  caution: ({ requireSignedTokens }) =>
    literalOf(requireSignedTokens) === false
      ? {
          argument: "requireSignedTokens",
          message: "tokens that nobody has signed pass: anybody can write one",
          fix: "leave it out where tokens are to prove something",
        }
      : undefined,
  check: (args) => onePlace(args) ?? emptyList(args) ?? hasKeys(args) ?? areUrls(args) ?? areKeys(args),
  example: `validate-jwt:
  provider: corp
  audience: [api://orders]
  requiredClaims:
    - { name: roles, match: any, values: [reader, writer] }
  failedMessage: Please log in.`,
};

export function onePlace(args: CheckedArguments): ArgumentProblem | undefined {
  const given = ["header", "queryParameter", "tokenValue"].filter((name) => args[name] !== undefined);
  const second = given[1];
  return second === undefined
    ? undefined
    : { argument: second, message: `${given[0]} already says where the token is` };
}

/** An empty list would let everybody pass, and reads as if nobody did. */
export function emptyList(args: CheckedArguments): ArgumentProblem | undefined {
  const lists = ["audience", "issuers", "backendApplicationIds", "clientApplicationIds"];
  const argument = lists.find((name) => args[name]?.kind === "list" && itemsOf(args[name]).length === 0);
  return argument === undefined ? undefined : { argument, message: "is there and empty: leave it out to take any" };
}

function hasKeys(args: CheckedArguments): ArgumentProblem | undefined {
  const sources = ["provider", "openidConfig", "issuerSigningKeys", "decryptionKeys"];
  const other = sources.slice(1).find((name) => args[name] !== undefined);
  if (args["provider"] !== undefined && other !== undefined) {
    return { argument: other, message: "provider already says whose tokens pass" };
  }
  const unsigned = args["requireSignedTokens"];
  if (args["provider"] !== undefined && unsigned !== undefined && literalOf(unsigned) !== true) {
    return { argument: "requireSignedTokens", message: "a provider's tokens are signed" };
  }
  if (sources.some((name) => args[name] !== undefined)) return undefined;
  if (literalOf(unsigned) === false) return undefined;
  return { argument: "provider", message: "nothing says whose tokens pass" };
}

function areUrls({ openidConfig }: CheckedArguments): ArgumentProblem | undefined {
  const urls = itemsOf(openidConfig).map((item) => literalOf(entry(item, "url")));
  const wrong = urls.find((url) => url !== undefined && !/^https?:\/\/[^\s/?#@]+/i.test(String(url).trim()));
  return wrong === undefined
    ? undefined
    : {
        argument: "openidConfig",
        message: `${String(wrong)} is no URL: write https://…/.well-known/openid-configuration`,
      };
}

export function areKeys(args: CheckedArguments): ArgumentProblem | undefined {
  for (const argument of ["issuerSigningKeys", "decryptionKeys"]) {
    for (const item of itemsOf(args[argument])) {
      const message = problemOf(item);
      if (message !== undefined) return { argument, message };
    }
  }
  return undefined;
}

function problemOf(item: Argument): string | undefined {
  const [n, e, value, certificate] = ["n", "e", "value", "certificateId"].map((name) => entry(item, name));
  const empty = value === undefined || literalOf(value) === "";
  if ((n === undefined) !== (e === undefined)) return "n and e belong together";
  const given = [n !== undefined, !empty, certificate !== undefined].filter(Boolean).length;
  if (given > 1) return "a key is given twice";
  return given === 0 ? "a key is empty" : undefined;
}

function entry(item: Argument, name: string): Argument | undefined {
  return item.kind === "map" ? item.entries[name] : undefined;
}
