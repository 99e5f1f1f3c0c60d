import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Running, type Site, started } from "./peers.ts";

const cli = fileURLToPath(new URL("../src/cli/main.ts", import.meta.url));

export const subscriptionKey = "sp_bench_0123456789abcdef0123456789abcdef";

/** The whole policy path: key, RS256 token with claims, access rule, rate limit, quota, header policies, record. */
const wholePath = (issuer: string): string => `
identity: { providers: { corp: { issuer: "${issuer}", audiences: ["api://orders"] } } }
products:
  starter: { apis: [orders], subscription: key, policies: { inbound: [base, { quota: { calls: 1000000000, period: 7d } }] } }
subscriptions: { bench: { product: starter, key: { env: BENCH_KEY } } }
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

/** Starts a gateway with one worker: `bare` forwards a public API; `whole` also has the whole policy path on /orders. */
export function startSallyport(
  site: Site,
  tls: boolean,
  httpPort: number,
  httpsPort: number,
  issuer: string,
  nodeArgs: readonly string[],
): Promise<Running> {
  const name = tls ? "sallyport-https" : "sallyport-http";
  const file = join(site.folder, `${name}.yaml`);
  writeFileSync(
    file,
    `version: 1
edge: { https: ${tls ? "internal" : "off"}, listen: { http: "127.0.0.1:${httpPort}"${tls ? `, https: "127.0.0.1:${httpsPort}"` : ""} } }
${tls ? wholePath(issuer) : ""}
apis:
  bare: { path: /bare, backend: upstream, access: public }
  files: { path: /files, files: ${site.filesFolder}, access: public }
${tls ? ordersApi : ""}
backends: { upstream: { url: "http://127.0.0.1:${site.upstreamPort}" } }
`,
  );
  const data = join(site.folder, `${name}-data`);
  const args = [...nodeArgs, cli, "run", "--config", file, "--data", data, "--workers", "1", "--log-level", "warn"];
  // Its key-encryption key is made in there, and goes with it.
  const env = { BENCH_KEY: subscriptionKey, XDG_CONFIG_HOME: site.folder };
  return started(process.execPath, args, tls ? httpsPort : httpPort, env);
}

export function rootCertificateOf(site: Site): string {
  return join(site.folder, "sallyport-https-data", "ca", "root.crt");
}
