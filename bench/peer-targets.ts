import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { large } from "./large.ts";
import { type Peer, peers, started, versionOf } from "./peers.ts";
import { type AuthServiceFacts } from "./peers/auth-service-facts.ts";
import { caddyPolicy } from "./peers/caddy-policy.ts";
import { haproxyPolicy } from "./peers/haproxy-policy.ts";
import { jwksOf, publicKeyOf, subscriptionKey } from "./sallyport.ts";
import { freePort } from "./site.ts";
import type { Target } from "./target.ts";
import type { Provider } from "./targets.ts";
import type { World } from "./world.ts";

const filePath = "/files/small.json";
const asked = { http2: false, path: "/bare", headers: [], variants: 1 } as const;

/** A proxy that is installed, bare: it passes on what comes, and does nothing else. */
const bare = (peer: Peer): Provider => ({
  needs: { binary: peer.binary, name: peer.name },
  keys: ["bare-http", "bare", "file", "bare-h2", "down", "up"].map((name) => `${peer.binary}:${name}`),
  async start({ site }, undo) {
    const { binary } = peer;
    const [http, https] = [await freePort(), await freePort()];
    const running = await peer.start(site, http, https);
    undo.defer(() => running.stop());
    const common = { ...asked, proxy: `${peer.name} ${versionOf(binary)}`, pids: [running.pid] };
    const secure = { ...common, ca: readFileSync(site.certFile, "utf8"), port: https, tls: true };
    const targets: readonly Target[] = [
      { ...common, key: `${binary}:bare-http`, case: "bare, HTTP", port: http, tls: false, ca: "" },
      { ...secure, key: `${binary}:bare`, case: "bare, HTTPS" },
      { ...secure, key: `${binary}:file`, case: "small file, HTTPS", path: filePath },
      { ...secure, key: `${binary}:bare-h2`, case: "bare, HTTP/2", http2: true },
      { ...secure, key: `${binary}:down`, ...large.down },
      { ...secure, key: `${binary}:up`, ...large.up },
    ];
    return targets.filter(
      ({ key }) => (peer.servesFiles || !key.endsWith(":file")) && (peer.speaksHttp2 || !key.endsWith("-h2")),
    );
  },
});

/** What the whole policy path is held against: HAProxy with a policy of its own. */
const haproxyWithPolicy: Provider = {
  needs: { binary: "haproxy", name: "HAProxy" },
  keys: ["haproxy:policy"],
  async start(world, undo) {
    const { site, callers } = world;
    const at = (name: string): string => join(site.folder, name);
    const [keysFile, publicKeyFile, file] = [at("keys"), at("issuer.pem"), at("haproxy-policy.cfg")];
    const port = await freePort();
    writeFileSync(keysFile, `${subscriptionKey}\n`);
    writeFileSync(publicKeyFile, await publicKeyOf(callers.issuer));
    writeFileSync(file, haproxyPolicy({ ...site, port, keysFile, publicKeyFile, issuer: callers.issuer }));
    const running = await started("haproxy", ["-f", file, "-db"], port);
    undo.defer(() => running.stop());
    const proxy = `HAProxy ${versionOf("haproxy")}`;
    const text = "key, RS256, claims, rate, log, HTTPS";
    return [await withPolicy(world, { key: "haproxy:policy", proxy, case: text, pids: [running.pid], port })];
  },
};

/** And Caddy with a service that decides; the service's CPU counts. */
const caddyWithService: Provider = {
  needs: { binary: "caddy", name: "Caddy" },
  keys: ["caddy:policy"],
  async start(world, undo) {
    const { site, callers } = world;
    const [port, servicePort] = [await freePort(), await freePort()];
    const facts: AuthServiceFacts = {
      port: servicePort,
      keys: [subscriptionKey],
      issuer: callers.issuer,
      audience: "api://orders",
      scope: "orders.read",
      jwks: await jwksOf(callers.issuer),
    };
    const entry = join(import.meta.dirname, "peers", "auth-service.ts");
    const env = { BENCH_AUTH_SERVICE: JSON.stringify(facts) };
    const service = await started(process.execPath, [entry], servicePort, env);
    undo.defer(() => service.stop());
    const file = join(site.folder, "caddy-policy");
    writeFileSync(file, caddyPolicy({ ...site, port, servicePort }));
    const args = ["run", "--config", file, "--adapter", "caddyfile"];
    const caddy = await started("caddy", args, port, { GOMAXPROCS: "1" });
    undo.defer(() => caddy.stop());
    const proxy = `Caddy ${versionOf("caddy")}`;
    const pids = [caddy.pid, service.pid];
    return [
      await withPolicy(world, { key: "caddy:policy", proxy, case: "forward_auth, access log, HTTPS", pids, port }),
    ];
  },
};

async function withPolicy(
  { site, callers }: World,
  what: Pick<Target, "key" | "proxy" | "case" | "pids" | "port">,
): Promise<Target> {
  const ca = readFileSync(site.certFile, "utf8");
  return { ...asked, ...what, tls: true, ca, path: "/orders", headers: await callers.headers() };
}

export const peerProviders: readonly Provider[] = [...peers.map(bare), haproxyWithPolicy, caddyWithService];
