/** A provider whose tokens are known: how each of them writes what every token says. */
export type ProviderPreset =
  | "entra-id-v1"
  | "entra-id-v2"
  | "okta"
  | "auth0"
  | "keycloak"
  | "google"
  | "github-actions"
  | "kubernetes";

/** Where claims are: names or dotted paths. */
export interface ClaimNames {
  readonly groups: string;
  readonly roles: string;
  readonly name: string;
  readonly email: string;
  readonly tenant: string;
}

/** What a claim must be: one of these values, text of this form, or anything that is there. */
export type RequiredClaim = readonly (string | number)[] | RegExp | "present";

export interface ProviderRules {
  /** What the definition's own `claims` replace, one by one. */
  readonly claims: ClaimNames;
  /** Claims with the subject; the first that is there counts. Null: `sub`, or Entra's `oid` where it comes with `tid`. */
  readonly subject: readonly string[] | null;
  /** Claims with the client that the token was given to; the first that is there counts. */
  readonly client: readonly string[];
  readonly tokenId: readonly string[];
  /** Null: `scp` or `scope`, as one text or as a list. */
  readonly scopes: { readonly claim: string; readonly form: "text" | "list" } | null;
  /** What tells the provider's access tokens from all else that its keys sign. */
  readonly required: Readonly<Record<string, RequiredClaim>>;
  /** Whose tokens these are, where they are all of one kind. */
  readonly kind: "service" | null;
  /** The provider's ID tokens are what is meant for APIs: it has no other ones that can be checked. */
  readonly idTokens: boolean;
  /** The tenant stands in the issuer's path as well, and in `tid`. */
  readonly tenantInIssuer: boolean;
  /** Everybody can get tokens of this issuer for any audience, so a list of tenants is needed. */
  readonly open: boolean;
  readonly issuer: string | null;
  /** Origins of its keys besides the issuer's. */
  readonly keyOrigins: readonly string[];
}

const claims: ClaimNames = { groups: "groups", roles: "roles", name: "name", email: "email", tenant: "tid" };

/** Any provider. */
const general: ProviderRules = {
  claims,
  subject: null,
  client: ["azp", "appid", "cid", "client_id"],
  tokenId: ["jti", "uti"],
  scopes: null,
  required: {},
  kind: null,
  idTokens: false,
  tenantInIssuer: false,
  open: false,
  issuer: null,
  keyOrigins: [],
};

/** `sub` differs from app to app for one person; `oid` within `tid` does not. */
const entra: ProviderRules = {
  ...general,
  subject: ["oid"],
  tokenId: ["uti"],
  scopes: { claim: "scp", form: "text" },
  tenantInIssuer: true,
};

const presets: Readonly<Record<ProviderPreset, ProviderRules>> = {
  /** @see https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference */
  "entra-id-v1": {
    ...entra,
    claims: { ...claims, email: "upn" },
    client: ["appid"],
    // An ID token names no client.
    required: { ver: ["1.0"], tid: "present", oid: "present", appid: "present" },
    issuer: "https://sts.windows.net/{tenantid}/",
    keyOrigins: ["https://login.microsoftonline.com"],
  },
  "entra-id-v2": {
    ...entra,
    client: ["azp"],
    required: { ver: ["2.0"], tid: "present", oid: "present", azp: "present" },
    issuer: "https://login.microsoftonline.com/{tenantid}/v2.0",
  },
  /** `sub` is the login, which can be given to somebody else; `uid` cannot. @see https://developer.okta.com/docs/api/openapi/okta-oauth/guides/overview/ */
  okta: {
    ...general,
    subject: ["uid", "sub"],
    client: ["cid"],
    tokenId: ["jti"],
    scopes: { claim: "scp", form: "list" },
    required: { ver: [1], cid: "present", jti: /^AT\./ },
  },
  /** @see https://auth0.com/docs/secure/tokens/access-tokens/access-token-profiles */
  auth0: {
    ...general,
    claims: { ...claims, roles: "permissions", tenant: "org_id" },
    subject: ["sub"],
    client: ["azp", "client_id"],
    tokenId: ["jti"],
    scopes: { claim: "scope", form: "text" },
  },
  /** @see https://www.keycloak.org/docs/latest/server_admin/#_oidc_token_role_mappings */
  keycloak: {
    ...general,
    claims: { ...claims, roles: "realm_access.roles", tenant: "tenant" },
    subject: ["sub"],
    client: ["azp", "client_id"],
    tokenId: ["jti"],
    scopes: { claim: "scope", form: "text" },
    required: { typ: ["Bearer", "DPoP"] },
  },
  /** Access tokens of Google are opaque. @see https://developers.google.com/identity/openid-connect/openid-connect#an-id-tokens-payload */
  google: {
    ...general,
    claims: { ...claims, tenant: "hd" },
    subject: ["sub"],
    client: ["azp"],
    tokenId: ["jti"],
    idTokens: true,
    issuer: "https://accounts.google.com",
    keyOrigins: ["https://www.googleapis.com"],
  },
  /** @see https://docs.github.com/actions/reference/security/oidc */
  "github-actions": {
    ...general,
    claims: {
      groups: "repository",
      roles: "environment",
      name: "workflow",
      email: "email",
      tenant: "repository_owner",
    },
    subject: ["sub"],
    client: [],
    tokenId: ["jti"],
    required: { repository: "present", repository_owner: "present" },
    kind: "service",
    idTokens: true,
    open: true,
    issuer: "https://token.actions.githubusercontent.com",
  },
  /** @see https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/#bound-service-account-tokens */
  kubernetes: {
    ...general,
    claims: {
      groups: "kubernetes.io.namespace",
      roles: "roles",
      name: "kubernetes.io.serviceaccount.name",
      email: "email",
      tenant: "kubernetes.io.namespace",
    },
    subject: ["sub"],
    client: [],
    tokenId: ["jti"],
    required: { sub: /^system:serviceaccount:[^:]+:[^:]+$/, "kubernetes.io": "present" },
    kind: "service",
    idTokens: true,
  },
};

export const presetNames: readonly ProviderPreset[] = Object.keys(presets) as ProviderPreset[];

export function rulesOf(preset: ProviderPreset | undefined): ProviderRules {
  return preset === undefined ? general : presets[preset];
}

/** Stands in the issuer of many tenants for the tenant's id, as in Entra's own metadata. */
export const tenantMark: string = "{tenantid}";
