import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair } from "jose";
import { Provider } from "oidc-provider";

export interface PeopleProvider {
  readonly issuer: string;
  /** Grants that succeeded, newest last. */
  readonly granted: readonly string[];
  /** How long access tokens are good for from now on, in seconds. */
  lifetime: number;
  close(): Promise<void>;
}

/** The real oidc-provider with its own plain pages, a public native client, device flow and rotating refresh tokens. */
export async function startPeopleProvider(audience: string): Promise<PeopleProvider> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { privateKey } = await generateKeyPair("RS256", { extractable: true });
  const granted: string[] = [];
  const running = { issuer, granted, lifetime: 3600, close: async (): Promise<void> => {} };
  const provider = new Provider(issuer, {
    jwks: { keys: [{ ...(await exportJWK(privateKey)), kid: "p1", alg: "RS256", use: "sig" } as never] },
    cookies: { keys: [randomBytes(32).toString("base64url")] },
    clients: [
      {
        client_id: "cli",
        token_endpoint_auth_method: "none",
        application_type: "native",
        grant_types: ["authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:device_code"],
        redirect_uris: ["http://127.0.0.1/callback"],
        response_types: ["code"],
      },
    ],
    claims: { openid: ["sub"], email: ["email"] },
    findAccount: (_context, id) => ({ accountId: id, claims: () => ({ sub: id, email: `${id}@example.com` }) }),
    extraTokenClaims: () => ({ groups: ["staff"] }),
    issueRefreshToken: () => true,
    rotateRefreshToken: true,
    features: {
      devInteractions: { enabled: true },
      deviceFlow: { enabled: true },
      revocation: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => audience,
        useGrantedResource: () => true,
        getResourceServerInfo: () => ({
          scope: "orders.read",
          audience,
          accessTokenFormat: "jwt",
          accessTokenTTL: running.lifetime,
          jwt: { sign: { alg: "RS256" } },
        }),
      },
    },
    ttl: {
      Interaction: 600,
      Session: 3600,
      Grant: 3600,
      IdToken: 3600,
      RefreshToken: 3600,
      DeviceCode: 600,
      AuthorizationCode: 60,
    },
  });
  provider.on("grant.success", ({ oidc }) => void granted.push(String(oidc.params?.["grant_type"])));
  server.on("request", provider.callback());
  running.close = async () => {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  };
  return running;
}
