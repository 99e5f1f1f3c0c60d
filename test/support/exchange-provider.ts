import { type KeyObject, randomBytes, randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createLocalJWKSet, exportJWK, generateKeyPair, type JWK, jwtVerify, SignJWT } from "jose";
import { errors, Provider, type TokenEndpointGrantContext } from "oidc-provider";

export const exchangeGrant = "urn:ietf:params:oauth:grant-type:token-exchange";
/** For tests alone: a person's token without a browser. */
const personGrant = "urn:sallyport:test:person";

export interface ExchangeProvider {
  readonly issuer: string;
  /** What came to the token endpoint, newest last: grant and client, and the parameters that matter. */
  readonly asked: readonly Readonly<Record<string, unknown>>[];
  readonly jwks: { readonly keys: readonly JWK[] };
  /** Nobody's token is exchanged from now on, whose it is. */
  refuse(subject: string): void;
  /** A token of `who` for `audience`; `act`: who acts for them already. */
  personToken(who: string, audience: string, act?: object): Promise<string>;
  /** A token of the client `assistant` for itself, which it proves by its key. */
  agentToken(audience: string): Promise<string>;
  close(): Promise<void>;
}

/**
 * The real oidc-provider, taught RFC 8693: the subject's token becomes one for another resource, with whoever acts in
 * `act`. Its client `gateway` proves itself by a key.
 */
export async function startExchangeProvider(clientKey: KeyObject): Promise<ExchangeProvider> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { publicKey, privateKey } = await generateKeyPair("ES256", { extractable: true });
  const key = { ...(await exportJWK(privateKey)), kid: "p1", alg: "ES256", use: "sig" };
  const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: "p1", alg: "ES256", use: "sig" }] };
  const agent = await generateKeyPair("ES256");
  const asked: Record<string, unknown>[] = [];
  const refused = new Set<string>();
  const acting = new WeakMap<object, unknown>();
  const provider = new Provider(issuer, {
    jwks: { keys: [key as never] },
    cookies: { keys: [randomBytes(32).toString("base64url")] },
    clients: [
      {
        client_id: "gateway",
        id_token_signed_response_alg: "ES256",
        token_endpoint_auth_method: "private_key_jwt",
        token_endpoint_auth_signing_alg: "ES256",
        jwks: { keys: [{ ...clientKey.export({ format: "jwk" }), kid: "c1", alg: "ES256", use: "sig" } as never] },
        grant_types: ["client_credentials", exchangeGrant],
        redirect_uris: [],
        response_types: [],
      },
      {
        client_id: "assistant",
        id_token_signed_response_alg: "ES256",
        token_endpoint_auth_method: "private_key_jwt",
        token_endpoint_auth_signing_alg: "ES256",
        jwks: { keys: [{ ...(await exportJWK(agent.publicKey)), kid: "a1", alg: "ES256", use: "sig" } as never] },
        grant_types: ["client_credentials"],
        redirect_uris: [],
        response_types: [],
      },
      {
        client_id: "people",
        id_token_signed_response_alg: "ES256",
        token_endpoint_auth_method: "none",
        grant_types: [personGrant],
        redirect_uris: [],
        response_types: [],
      },
    ],
    clientAuthMethods: ["none", "private_key_jwt"],
    enabledJWA: { clientAuthSigningAlgValues: ["ES256"] },
    findAccount: (_context, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
    extraTokenClaims: (context) => acting.get(context as object) as Record<string, unknown> | undefined,
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => issuer,
        getResourceServerInfo: (_context, audience) => ({
          scope: "read",
          audience,
          accessTokenFormat: "jwt",
          accessTokenTTL: 600,
          jwt: { sign: { alg: "ES256" } },
        }),
      },
    },
    ttl: { AccessToken: 600, ClientCredentials: 600 },
  });
  const issue = async (context: TokenEndpointGrantContext, who: string, audience: string): Promise<void> => {
    const token = new provider.AccessToken({
      accountId: who,
      client: context.oidc.client,
      grantId: "g",
      gty: "test",
    } as never);
    token.resourceServer = new provider.ResourceServer(audience, {
      scope: "read",
      audience,
      accessTokenFormat: "jwt",
      accessTokenTTL: 600,
      jwt: { sign: { alg: "ES256" } },
    }) as never;
    const access_token = await token.save();
    context.body = {
      access_token,
      token_type: "Bearer",
      expires_in: 600,
      issued_token_type: "urn:ietf:params:oauth:token-type:access_token",
    };
  };
  provider.registerGrantType<{ who: string; aud: string; act: string }>(
    personGrant,
    (context) => {
      const { who, aud, act } = context.oidc.params;
      if (act !== undefined) acting.set(context, { act: JSON.parse(act) as object });
      return issue(context, String(who), String(aud));
    },
    ["who", "aud", "act"],
  );
  provider.registerGrantType<Record<string, string>>(
    exchangeGrant,
    async (context) => {
      const {
        subject_token: subject = "",
        actor_token: actor,
        audience = "",
      } = context.oidc.params as Record<string, string | undefined>;
      const { payload } = await jwtVerify(subject, createLocalJWKSet(jwks), { issuer }).catch(() => {
        throw new errors.InvalidRequest("subject_token");
      });
      if (refused.has(payload.sub ?? "")) throw new errors.InvalidGrant("not for this one");
      const by =
        actor === undefined
          ? { sub: context.oidc.client.clientId }
          : { sub: String((await jwtVerify(actor, createLocalJWKSet(jwks))).payload["client_id"]), shown: true };
      const before = payload["act"] === undefined ? {} : { act: payload["act"] };
      acting.set(context, { act: { ...by, ...before } });
      await issue(context, payload.sub ?? "", audience);
    },
    [
      "subject_token",
      "subject_token_type",
      "requested_token_type",
      "actor_token",
      "actor_token_type",
      "audience",
      "scope",
    ],
  );
  provider.on("grant.success", ({ oidc }) => {
    const { grant_type: grant, audience } = oidc.params as Record<string, unknown>;
    asked.push({ grant, client: oidc.client?.clientId, audience });
  });
  server.on("request", provider.callback());
  const tokenFor = async (body: URLSearchParams): Promise<string> => {
    const response = await fetch(`${issuer}/token`, { method: "POST", body });
    const answer = (await response.json()) as { access_token?: string };
    if (answer.access_token === undefined) throw new Error(JSON.stringify(answer));
    return answer.access_token;
  };
  const personToken = (who: string, aud: string, act?: object): Promise<string> => {
    const more: Record<string, string> = act === undefined ? {} : { act: JSON.stringify(act) };
    return tokenFor(new URLSearchParams({ grant_type: personGrant, client_id: "people", who, aud, ...more }));
  };
  const agentToken = async (resource: string): Promise<string> => {
    const assertion = new SignJWT({ iss: "assistant", sub: "assistant", aud: issuer, jti: randomUUID() })
      .setProtectedHeader({ alg: "ES256", kid: "a1" })
      .setIssuedAt()
      .setExpirationTime("1m");
    const proof = {
      client_id: "assistant",
      client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
      client_assertion: await assertion.sign(agent.privateKey),
    };
    return tokenFor(new URLSearchParams({ grant_type: "client_credentials", resource, ...proof }));
  };
  return {
    issuer,
    asked,
    jwks,
    refuse: (subject) => void refused.add(subject),
    personToken,
    agentToken,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
