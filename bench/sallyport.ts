import { createPublicKey, type webcrypto } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { JSONWebKeySet } from "jose";
import { startService } from "#demo/services.ts";
import { serviceToken } from "#demo/tokens.ts";
import { type Running, type Site, started } from "./peers.ts";
import { fillKeys } from "./scale/fill-keys.ts";
import { type Scale, scaleApi, scaleProduct } from "./scale/scale.ts";

const cli = fileURLToPath(new URL("../src/cli/main.ts", import.meta.url));

export const subscriptionKey = "sp_bench_0123456789abcdef0123456789abcdef";

/** The whole policy path: key, RS256 token with claims, access rule, rate limit, quota, header policies, record. */
const wholePath = (issuer: string, more: string): string => `
identity: { providers: { corp: { issuer: "${issuer}", audiences: ["api://orders"] } } }
products:
  starter: { apis: [orders], subscription: key, policies: { inbound: [base, { quota: { calls: 1000000000, period: 7d } }] } }
${more}subscriptions: { bench: { product: starter, key: { env: BENCH_KEY } } }
`;

const ordersApi = `
  orders:
    path: /orders
    backend: upstream
    access: [{ allow: '"orders.read" in principal.scopes' }]
    policies:
      inbound:
        - base
        - validate-jwt: { provider: corp, audience: "api://orders", requiredClaims: [{ name: scope, match: any, values: [orders.read] }] }
        - rate-limit-by-key: { calls: 1000000000, period: 60s, key: "\${principal.id}" }
        - set-header: { name: X-Caller, values: ["\${principal.subject}"] }
      outbound:
        - base
        - set-header: { name: X-Served-By, values: [sallyport] }
`;

export interface GatewayStart {
  readonly site: Site;
  /** Of its file and its folder. */
  readonly name: string;
  readonly tls: boolean;
  readonly httpPort: number;
  readonly httpsPort: number;
  readonly issuer: string;
  readonly nodeArgs: readonly string[];
  readonly workers: number;
  readonly durability: "batched" | "strict";
  readonly env?: Readonly<Record<string, string>>;
  /** With an API /scale that has so much of everything. */
  readonly scale?: Scale | undefined;
}

/** Starts a gateway: `bare` forwards a public API; with TLS there is the whole policy path on /orders too. */
export async function startSallyport(start: GatewayStart): Promise<Running> {
  const { site, name, tls, httpPort, httpsPort, issuer, nodeArgs, workers, durability, scale } = start;
  const file = join(site.folder, `${name}.yaml`);
  writeFileSync(
    file,
    `version: 1
audit: { durability: ${durability} }
edge: { limits: { connections: 20000 }, https: ${tls ? "internal" : "off"}, listen: { http: "127.0.0.1:${httpPort}"${tls ? `, https: "127.0.0.1:${httpsPort}"` : ""} } }
${tls ? wholePath(issuer, scale === undefined ? "" : scaleProduct) : ""}
apis:
  bare: { path: /bare, backend: upstream, access: public }
  large: { path: /large, backend: large, access: public }
  files: { path: /files, files: ${site.filesFolder}, access: public }
${tls ? ordersApi : ""}${scale === undefined ? "" : scaleApi(scale)}
backends:
  upstream: { url: "http://127.0.0.1:${site.upstreamPort}" }
  large: { url: "http://127.0.0.1:${site.upstreamPort}/large" }
`,
  );
  const data = join(site.folder, `${name}-data`);
  if (scale !== undefined) await fillKeys(data, site.folder, scale.keys);
  const args = [
    ...nodeArgs,
    cli,
    "run",
    "--config",
    file,
    "--data",
    data,
    "--workers",
    String(workers),
    "--log-level",
    "warn",
  ];
  // Its key-encryption key is made in there, and goes with it.
  const env = { ...start.env, BENCH_KEY: subscriptionKey, XDG_CONFIG_HOME: site.folder };
  return started(process.execPath, args, tls ? httpsPort : httpPort, env);
}

export function rootCertificateOf(site: Site, name: string): string {
  return join(site.folder, `${name}-data`, "ca", "root.crt");
}

export interface Callers {
  readonly issuer: string;
  /** What a request to /orders brings along: each time with a new token, since a long run outlives one. */
  headers(): Promise<readonly string[]>;
}

/** Starts the provider of tokens. */
export async function startCallers(undo: AsyncDisposableStack): Promise<Callers> {
  const secret = "bench-secret-bench-secret-bench";
  const clients = { serviceSecret: secret, loginSecret: secret, redirectUri: "http://127.0.0.1/callback" };
  const provider = await startService("provider", 0, clients);
  undo.defer(() => provider.stop());
  const headers = async (): Promise<readonly string[]> => {
    const token = await serviceToken(provider.url, clients.serviceSecret);
    return [`Authorization: Bearer ${token}`, `Ocp-Apim-Subscription-Key: ${subscriptionKey}`];
  };
  return { issuer: provider.url, headers };
}

/** The keys of an issuer, as it publishes them. */
export async function jwksOf(issuer: string): Promise<JSONWebKeySet> {
  const read = async (url: string): Promise<unknown> => (await fetch(url)).json();
  const { jwks_uri } = (await read(`${issuer}/.well-known/openid-configuration`)) as { readonly jwks_uri: string };
  return (await read(jwks_uri)) as JSONWebKeySet;
}

/** The first RSA key of an issuer. @returns SPKI, PEM */
export async function publicKeyOf(issuer: string): Promise<string> {
  const { keys } = await jwksOf(issuer);
  const key = keys.find(({ kty }) => kty === "RSA");
  if (key === undefined) throw new Error(`${issuer} has no RSA key`);
  return createPublicKey({ key: key as webcrypto.JsonWebKey, format: "jwk" })
    .export({ type: "spki", format: "pem" })
    .toString();
}
