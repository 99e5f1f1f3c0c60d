import { isMap } from "yaml";
import { parseIssuer, parseServiceUrl } from "#config/checks/urls.ts";
import { parseActorHeader } from "#config/checks/words.ts";
import type { ProviderUsers } from "#model/definition.ts";
import { choice, flag } from "#config/shapes/choice.ts";
import { list, oneOrMore } from "#config/shapes/list.ts";
import { duration } from "#config/shapes/numbers.ts";
import { object, type ObjectShape } from "#config/shapes/object.ts";
import { orFlag } from "#config/shapes/or-flag.ts";
import { type Named, record } from "#config/shapes/record.ts";
import { type SecretSource, secret } from "#config/shapes/secret.ts";
import { type Located, located } from "#config/shapes/shape.ts";
import { anyText, text } from "#config/shapes/text.ts";
import { type AssertionInput, assertionShape } from "./assertion.ts";
import { type BasicUsersInput, basicUsersShape } from "./basic.ts";
import { type CliLoginInput, cliLoginShape } from "./cli-login.ts";
import { type GraphInput, graphShape } from "./graph.ts";
import { type LoginInput, loginShape, type SessionInput, sessionShape } from "./login.ts";
import { type ClaimNames, presetNames, type ProviderPreset, rulesOf } from "#model/provider-rules.ts";

export type ClaimsInput = { readonly [K in keyof ClaimNames]: string | undefined };

export interface ProviderInput {
  readonly preset: ProviderPreset | undefined;
  readonly issuer: Located<string> | undefined;
  readonly clientId: string | undefined;
  readonly clientSecret: SecretSource | undefined;
  readonly clientKey: SecretSource | undefined;
  readonly login: LoginInput | undefined;
  readonly audiences: readonly string[];
  readonly clockSkew: number;
  readonly algorithms: readonly string[];
  readonly tenants: Located<readonly string[]> | undefined;
  readonly agents: readonly string[];
  readonly dpop: "optional" | "required" | undefined;
  readonly dpopNonces: boolean;
  readonly ca: Located<string> | undefined;
  readonly inCluster: ClusterInput | "off" | undefined;
  readonly graph: GraphInput | undefined;
  readonly userInfo: UserInfoInput | "off" | undefined;
  readonly claims: ClaimsInput;
  readonly staleKeys: number;
  readonly users: ProviderUsers | undefined;
  readonly scim: ScimInput | undefined;
}

export interface ClusterInput {
  readonly server: string;
  readonly token: string;
  readonly ca: string;
}

export interface ScimInput {
  readonly token: SecretSource | undefined;
  readonly subject: "externalId" | "userName";
}

export interface IdentityInput {
  readonly providers: readonly Named<ProviderInput>[];
  readonly basic: readonly Named<BasicUsersInput>[];
  readonly session: SessionInput;
  readonly assertion: AssertionInput;
  readonly cli: CliLoginInput | undefined;
  readonly actorHeader: string | undefined;
}

/** Asymmetric ones only: whoever can check an HMAC can make one. */
const algorithms = [
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
  "ES256",
  "ES384",
  "ES512",
  "EdDSA",
  "Ed25519",
];
const day = 86_400_000;

const claimsShape = object<ClaimsInput>("claims", {
  groups: { shape: anyText, about: "Claim with the groups; a dotted path. Default: the preset's, else groups." },
  roles: { shape: anyText, about: "Claim with the roles. Default: the preset's, else roles." },
  name: { shape: anyText, about: "Claim with the name to show. Default: the preset's, else name." },
  email: { shape: anyText, about: "Claim with the e-mail address. Default: the preset's, else email." },
  tenant: { shape: anyText, about: "Claim with the tenant. Default: the preset's, else tid." },
});

const serviceAccount = "/var/run/secrets/kubernetes.io/serviceaccount";

const clusterFields = object<ClusterInput>("inCluster", {
  server: {
    shape: text("a URL", parseServiceUrl),
    about: "The API server.",
    default: "https://kubernetes.default.svc",
  },
  token: { shape: anyText, about: "File with a token that the API server takes.", default: `${serviceAccount}/token` },
  ca: { shape: anyText, about: "PEM file of the cluster's authorities.", default: `${serviceAccount}/ca.crt` },
});

export interface UserInfoInput {
  readonly keep: number;
}

const userInfoFields = object<UserInfoInput>("userInfo", {
  keep: { shape: duration(1000, 3_600_000), about: "How old its word may be.", default: 60_000 },
});

const scimShape = object<ScimInput>("scim", {
  token: { shape: secret, about: "What the provider shows, 32 characters at least.", required: true },
  subject: {
    shape: choice(["externalId", "userName"]),
    about: "Attribute of a SCIM user that is the subject of the same person's tokens.",
    default: "externalId",
  },
});

const usersShape = object<ProviderUsers>("users", {
  provision: { shape: flag, about: "Whoever comes with a good token for the first time becomes one.", default: false },
  required: { shape: flag, about: "Whoever is none is refused: users are made by SCIM, or by hand.", default: false },
  groups: {
    shape: choice(["token", "directory"]),
    about: "directory: the principal's groups are the user's here, whatever the token says.",
    default: "token",
  },
});

const settingsShape = object<ProviderInput>("a provider", {
  preset: {
    shape: choice(presetNames),
    about: "How this provider writes its tokens: claims, scopes, client, and what must be in them.",
  },
  issuer: {
    shape: located(text("the issuer's URL", parseIssuer)),
    about:
      "Exact iss of its tokens; https, or http on this machine. {tenantid} stands for each of tenants. Presets of a provider with one address have it as their default.",
  },
  clientId: { shape: anyText, about: "Client id at the provider; also an accepted audience." },
  clientSecret: { shape: secret, about: "Client secret at the provider." },
  clientKey: {
    shape: secret,
    about:
      "Private key (PEM in PKCS #8, or a JWK) that proves this gateway at the provider, instead of a secret (private_key_jwt).",
  },
  login: { shape: loginShape, about: "People may log in with it." },
  audiences: { shape: oneOrMore(anyText), about: "Accepted aud values.", default: [] },
  clockSkew: { shape: duration(0, 600_000), about: "Tolerance for exp and nbf.", default: 0 },
  algorithms: {
    shape: list(choice(algorithms)),
    about: "Accepted signature algorithms; empty: what the provider's keys are for.",
    default: [],
  },
  tenants: {
    shape: located(oneOrMore(anyText)),
    about: "Tenants whose tokens are good: ids of an issuer that serves many, or values of the tenant's claim.",
  },
  agents: {
    shape: oneOrMore(anyText),
    about: "Client ids that are agents: principals of the kind agent.",
    default: [],
  },
  dpop: {
    shape: choice(["optional", "required"]),
    about:
      "required: all its tokens must be bound to a key of their sender (RFC 9449). optional: they may be, and a 401 says so. Those that are always need a proof.",
  },
  dpopNonces: {
    shape: flag,
    about: "Proofs for its tokens must hold a nonce that this gateway gave out within the last two minutes.",
    default: false,
  },
  ca: { shape: located(anyText), about: "PEM file of further certificate authorities for the provider's own HTTPS." },
  inCluster: {
    shape: orFlag(clusterFields),
    about:
      "Of the preset kubernetes: true where the gateway runs in that cluster. Keys are asked for with its service account's token.",
  },
  graph: {
    shape: graphShape,
    about:
      "Of Entra ID: groups that tokens leave out are asked for at Microsoft Graph, as the provider's client. true, false, or how.",
  },
  userInfo: {
    shape: orFlag(userInfoFields),
    about:
      "Groups of whoever comes with a token are those that the userinfo endpoint says for that token, and one that it does not take is refused. true, false, or how.",
  },
  claims: { shape: claimsShape, about: "Which claims fill the principal.", default: claimsShape.empty },
  scim: { shape: scimShape, about: "It keeps its users and groups here: /.sallyport/scim/<provider>/v2." },
  users: { shape: usersShape, about: "Its people and clients as users of the directory here." },
  staleKeys: {
    shape: duration(0, 30 * day),
    about: "How long known keys are used while the provider cannot be reached.",
    default: day,
  },
});

function isInCluster({ inCluster }: ProviderInput): boolean {
  return inCluster !== undefined && inCluster !== "off";
}

const providerShape: ObjectShape<ProviderInput> = {
  ...settingsShape,
  read: (reading, slot) => {
    const settings = settingsShape.read(reading, slot);
    const isWritten = isMap(slot.node) && slot.node.has("issuer");
    if (!isWritten && !isInCluster(settings) && rulesOf(settings.preset).issuer === null) {
      const fix = "add issuer: … (Exact iss of its tokens)";
      reading.problems.error("key-missing", slot.at, "a provider lacks issuer", fix);
    }
    return settings;
  },
};

export const identityShape: ObjectShape<IdentityInput> = object<IdentityInput>("identity", {
  providers: { shape: record("providers", providerShape), about: "OpenID providers by name.", default: [] },
  basic: {
    shape: record("lists of users with passwords", basicUsersShape),
    about: "Users with passwords, in lists by name, for APIs that say basic.",
    default: [],
  },
  session: { shape: sessionShape, about: "Sessions of people who have logged in.", default: sessionShape.empty },
  assertion: {
    shape: assertionShape,
    about: "Signed assertions of who calls, for backends that ask for them (identity: assertion).",
    default: assertionShape.empty,
  },
  actorHeader: {
    shape: text("the name of a header field", parseActorHeader),
    about: "Header field in which an agent or a service shows a token of its own, when it acts for the caller.",
  },
  cli: { shape: cliLoginShape, about: "How people log in from a command line: sallyport login <gateway>." },
});
