import { createPrivateKey } from "node:crypto";
import {
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  buildEndSessionUrl,
  type ClientAuth,
  ClientSecretBasic,
  ClientSecretPost,
  Configuration,
  customFetch,
  enableNonRepudiationChecks,
  fetchUserInfo,
  PrivateKeyJwt,
  refreshTokenGrant,
  type ServerMetadata,
  tokenRevocation,
  calculatePKCECodeChallenge,
} from "openid-client";
import { getValidatedIdTokenClaims } from "oauth4webapi";
import type { JWK } from "jose";
import { importJWK, importPKCS8 } from "jose/key/import";
import { checkedUrl, discover, type MetadataSource } from "#identity/discovery.ts";
import { GatewayError } from "#model/errors.ts";
import type { LoginProvider } from "#model/login.ts";
import type { Egress } from "#model/ports.ts";
import { tenantMark } from "#model/provider-rules.ts";
import { providerFetch } from "./provider-fetch.ts";
import { OtherSubjectError } from "./provider-trouble.ts";
import { type CodeExchange, finishExchange, OtherTenantError, redeemCode } from "./tenant-exchange.ts";

type Claims = Readonly<Record<string, unknown>>;

/** What a provider gives for a code or a refresh token. */
export interface TokenSet {
  readonly accessToken: string;
  /** Null: it gave none, or keeps the one before. */
  readonly refreshToken: string | null;
  /** As it came, for a logout; null: a refresh brought none. */
  readonly idToken: string | null;
  /** Claims of the ID token; null: as above. */
  readonly claims: Claims | null;
  /** Seconds; null: it does not say. */
  readonly expiresIn: number | null;
}

/** The client at the issuer of one tenant; undefined: there is none. */
export type TenantClient = (issuer: string) => Promise<OidcClient | undefined>;

/** What a login begins with. */
export interface AuthorizationQuestion {
  readonly redirectUri: string;
  readonly state: string;
  readonly nonce: string;
  /** PKCE. */
  readonly verifier: string;
}

/** This gateway as the client of one provider: its flow, on main. Errors are those of the library and of Egress. */
export class OidcClient {
  readonly settings: LoginProvider;
  readonly #configuration: Configuration;

  readonly #exchange: CodeExchange;
  readonly #atTenant: TenantClient | null;

  private constructor(
    settings: LoginProvider,
    configuration: Configuration,
    exchange: CodeExchange,
    atTenant: TenantClient | null,
  ) {
    this.settings = settings;
    this.#configuration = configuration;
    this.#exchange = exchange;
    this.#atTenant = atTenant;
  }

  /**
   * Asks the provider what it can.
   * @param atTenant of a provider that many tenants have in common: who says who somebody is
   * @throws GatewayError `idp-unreachable`, `idp-malformed`, and of Egress
   */
  static async discover(
    settings: LoginProvider,
    source: MetadataSource,
    egress: Egress,
    atTenant: TenantClient | null = null,
  ): Promise<OidcClient> {
    const { issuer } = settings;
    const found = await discover(source, egress);
    for (const name of ["authorization_endpoint", "token_endpoint"]) checkedUrl(found[name], issuer);
    const server = found as unknown as ServerMetadata;
    const auth = await authOf(settings, server);
    const configuration = new Configuration(server, settings.clientId, {}, auth);
    const ownFetch = providerFetch(source, egress);
    configuration[customFetch] = ownFetch;
    configuration.timeout = 6;
    if (issuer.startsWith("http:")) allowInsecureRequests(configuration);
    // A signature that nobody checks is none, even where TLS would do.
    enableNonRepudiationChecks(configuration);
    const exchange: CodeExchange = {
      server: configuration.serverMetadata(),
      client: configuration.clientMetadata(),
      auth,
      fetch: ownFetch,
      allowHttp: issuer.startsWith("http:"),
    };
    return new OidcClient(settings, configuration, exchange, atTenant);
  }

  get hasUserInfo(): boolean {
    return this.#configuration.serverMetadata().userinfo_endpoint !== undefined;
  }

  async authorizationUrl({ redirectUri, state, nonce, verifier }: AuthorizationQuestion): Promise<URL> {
    const { scopes, prompt } = this.settings;
    return buildAuthorizationUrl(this.#configuration, {
      redirect_uri: redirectUri,
      scope: scopes.join(" "),
      state,
      nonce,
      code_challenge: await calculatePKCECodeChallenge(verifier),
      code_challenge_method: "S256",
      ...(prompt === null ? {} : { prompt }),
    });
  }

  /**
   * Checks state, `iss` (RFC 9207), the ID token's signature, audience, times and nonce.
   * @param back the redirect address with what the provider has put behind it
   */
  async exchange(back: URL, begun: Omit<AuthorizationQuestion, "redirectUri">): Promise<TokenSet> {
    const { state, nonce, verifier } = begun;
    if (this.#atTenant !== null) return this.#exchangeAtTenant(back, begun, this.#atTenant);
    const answer = await authorizationCodeGrant(this.#configuration, back, {
      expectedState: state,
      expectedNonce: nonce,
      pkceCodeVerifier: verifier,
      idTokenExpected: true,
    });
    return toTokens(answer);
  }

  /** Of whichever listed tenant the person is, whose client checks all that it has said. */
  async #exchangeAtTenant(
    back: URL,
    begun: Omit<AuthorizationQuestion, "redirectUri">,
    atTenant: TenantClient,
  ): Promise<TokenSet> {
    const { issuer: shared } = this.settings;
    const listed = new Set(this.settings.tenants?.map((tenant) => shared.replace(tenantMark, tenant)));
    const { response, issuer } = await redeemCode(back, begun, this.#exchange, (one) => listed.has(one));
    const client = listed.has(issuer) ? await atTenant(issuer) : this;
    if (client === undefined) throw new OtherTenantError("the tenant is gone");
    const answer = await finishExchange(client.#exchange, response, begun.nonce);
    return {
      accessToken: answer.access_token,
      refreshToken: answer.refresh_token ?? null,
      idToken: answer.id_token ?? null,
      claims: getValidatedIdTokenClaims(answer) ?? null,
      expiresIn: answer.expires_in ?? null,
    };
  }

  /** @param subject whom it must be of: a provider that mixes people up is not believed */
  async refresh(refreshToken: string, subject: string): Promise<TokenSet> {
    const answer = toTokens(await refreshTokenGrant(this.#configuration, refreshToken));
    if (answer.claims !== null && answer.claims["sub"] !== subject) throw new OtherSubjectError();
    return answer;
  }

  async userInfo(accessToken: string, subject: string): Promise<Claims> {
    return fetchUserInfo(this.#configuration, accessToken, subject);
  }

  /** Takes a refresh token back, and what came of it. False: the provider has no place for that. RFC 7009 */
  async revoke(refreshToken: string): Promise<boolean> {
    const { revocation_endpoint: endpoint } = this.#configuration.serverMetadata();
    if (endpoint === undefined || !isSafe(endpoint, this.settings.issuer)) return false;
    await tokenRevocation(this.#configuration, refreshToken, { token_type_hint: "refresh_token" });
    return true;
  }

  /** Where a person logs out of the provider as well; null: it has no such place. */
  endSessionUrl(idToken: string | null, back: string): URL | null {
    const { end_session_endpoint: endpoint } = this.#configuration.serverMetadata();
    if (endpoint === undefined || !isSafe(endpoint, this.settings.issuer)) return null;
    return buildEndSessionUrl(this.#configuration, {
      post_logout_redirect_uri: back,
      ...(idToken === null ? {} : { id_token_hint: idToken }),
    });
  }
}

async function authOf({ credential }: LoginProvider, server: ServerMetadata): Promise<ClientAuth> {
  if (credential.kind === "key") return PrivateKeyJwt(await importKey(credential.key.reveal(), server));
  const methods = server.token_endpoint_auth_methods_supported ?? ["client_secret_basic"];
  const secret = credential.secret.reveal();
  return methods.includes("client_secret_basic") ? ClientSecretBasic(secret) : ClientSecretPost(secret);
}

/** PEM in PKCS #8, or a JWK. The algorithm is the key's; of RSA, what the provider takes. */
async function importKey(text: string, server: ServerMetadata): ReturnType<typeof importPKCS8> {
  try {
    if (!text.trimStart().startsWith("{")) return await importPKCS8(text, algorithmOf(createPrivateKey(text), server));
    const jwk = JSON.parse(text) as JWK;
    const key = createPrivateKey({ key: jwk, format: "jwk" });
    return (await importJWK(jwk, jwk.alg ?? algorithmOf(key, server))) as Awaited<ReturnType<typeof importPKCS8>>;
  } catch {
    throw new GatewayError("idp-malformed", 503, "the clientKey is no private key that can sign", {
      source: "gateway",
    });
  }
}

function algorithmOf(key: ReturnType<typeof createPrivateKey>, server: ServerMetadata): string {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key;
  if (type === "ed25519") return "Ed25519";
  if (type === "ec")
    return (
      { "P-256": "ES256", prime256v1: "ES256", secp384r1: "ES384", secp521r1: "ES512" }[details?.namedCurve ?? ""] ??
      "ES256"
    );
  const taken = server.token_endpoint_auth_signing_alg_values_supported ?? [];
  return taken.length > 0 && !taken.includes("RS256") && taken.includes("PS256") ? "PS256" : "RS256";
}

interface TokenAnswer {
  readonly access_token: string;
  readonly refresh_token?: string;
  readonly id_token?: string;
  readonly expires_in?: number;
  claims(): Claims | undefined;
}

function toTokens(answer: TokenAnswer): TokenSet {
  return {
    accessToken: answer.access_token,
    refreshToken: answer.refresh_token ?? null,
    idToken: answer.id_token ?? null,
    claims: answer.claims() ?? null,
    expiresIn: answer.expires_in ?? null,
  };
}

function isSafe(url: string, issuer: string): boolean {
  return URL.canParse(url) && [new URL(issuer).protocol, "https:"].includes(new URL(url).protocol);
}
