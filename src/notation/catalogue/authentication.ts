import { type ArgumentProblem, type CheckedArguments, everyScope, everySection, outsideWorkspaces } from "./common.ts";
import type { ArgumentSpec, PolicySpec } from "./spec.ts";

const ignoreError: ArgumentSpec = {
  type: "boolean",
  summary: "Goes on without when it cannot be had.",
  default: false,
  expression: true,
};

export const authenticationBasic: PolicySpec = {
  name: "authentication-basic",
  summary: "Authenticates at the backend with a user and a password.",
  sections: ["inbound"],
  scopes: everyScope,
  args: {
    username: { type: "string", summary: "User.", required: true, expression: true },
    password: { type: "string", summary: "Password.", required: true, expression: true },
  },
  example: 'authentication-basic: { username: gateway, password: "{{backend-password}}" }',
};

export const authenticationCertificate: PolicySpec = {
  name: "authentication-certificate",
  summary: "Authenticates at the backend with a client certificate, over TLS alone.",
  sections: ["inbound"],
  scopes: everyScope,
  args: {
    thumbprint: { type: "string", summary: "Thumbprint of one of `certificates`.", expression: true },
    certificateId: { type: "string", summary: "Name of one of `certificates`.", expression: true },
    body: { type: "any", summary: "A certificate with its key, PKCS#12 or PEM: bytes, or base64.", expression: true },
    password: { type: "string", summary: "Password of body.", expression: true },
  },
  check: oneCertificate,
  example: "authentication-certificate: { certificateId: orders-client }",
};

function oneCertificate(args: CheckedArguments): ArgumentProblem | undefined {
  const given = ["thumbprint", "certificateId", "body"].filter((name) => args[name] !== undefined);
  const isOpened = args["password"] === undefined || args["body"] !== undefined;
  if (!isOpened) return { argument: "password", message: "is that of body, which is not here" };
  if (given.length === 1) return undefined;
  return { argument: given[1] ?? "thumbprint", message: "give one of thumbprint, certificateId and body" };
}

export const authenticationManagedIdentity: PolicySpec = {
  name: "authentication-managed-identity",
  summary: "Authenticates at the backend as this gateway's identity in Entra ID.",
  // The reference has inbound alone, yet documents in use fetch tokens for send-request elsewhere.
  sections: everySection,
  scopes: outsideWorkspaces,
  args: {
    resource: { type: "string", summary: "What the token is for.", required: true, expression: true },
    clientId: { type: "string", summary: "Which identity; the system's own when absent.", expression: true },
    outputVariable: {
      type: "string",
      summary: "Variable that gets the token, instead of the header.",
      xml: "@output-token-variable-name",
    },
    ignoreError,
  },
  example: "authentication-managed-identity: { resource: https://storage.azure.com/ }",
};

export const getAuthorizationContext: PolicySpec = {
  name: "get-authorization-context",
  summary: "Puts the token of a connection (`connections`) into a variable: `accessToken`.",
  sections: ["inbound"],
  scopes: outsideWorkspaces,
  args: {
    providerId: { type: "string", summary: "Credential provider.", required: true, expression: true },
    authorizationId: { type: "string", summary: "Connection.", required: true, expression: true },
    contextVariable: {
      type: "string",
      summary: "Variable that gets it.",
      required: true,
      expression: true,
      xml: "@context-variable-name",
    },
    identityType: {
      type: "enum",
      summary:
        "Who asks: managed, this gateway; jwt, the principal of a token, which must be one of the connection's users.",
      values: ["managed", "jwt"],
      default: "managed",
      expression: true,
    },
    identity: {
      type: "string",
      summary: "A token of one of identity.providers, where identityType is jwt.",
      expression: true,
    },
    ignoreError,
  },
  check: ({ identityType, identity }) =>
    identityType?.kind === "literal" && identityType.value === "jwt" && identity === undefined
      ? { argument: "identity", message: "is missing: whose token is it, where identityType is jwt" }
      : undefined,
  example: `get-authorization-context:
  providerId: github
  authorizationId: team
  contextVariable: github`,
};

export const validateBasic: PolicySpec = {
  name: "validate-basic",
  summary:
    "Lets through whoever has shown the password of a user (`basic` of the API), and asks everybody else for one. For a part of an API; `access` is for all of it.",
  sections: ["inbound"],
  scopes: everyScope,
  forwardAuth: true,
  native: true,
  args: {
    users: { type: "string", summary: "One of `identity.basic`: the one that the API names.", required: true },
    names: {
      type: "list",
      summary: "Those of them who may pass; all when absent.",
      items: { type: "string", summary: "User." },
    },
    realm: { type: "string", summary: "What a password is asked for of; what the list says when absent." },
    outputVariable: { type: "string", summary: "Variable that gets the user's name." },
  },
  check: ({ realm }) => {
    if (realm?.kind !== "literal" || /^[ !#-[\]-~]{1,128}$/.test(String(realm.value))) return undefined;
    return { argument: "realm", message: "is printable ASCII without quotes and backslashes" };
  },
  example: "validate-basic: { users: staff, names: [alice, bob], realm: Reports }",
};
