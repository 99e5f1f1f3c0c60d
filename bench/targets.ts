import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Target } from "./measure.ts";
import { installed, peers, type Site, started, versionOf } from "./peers.ts";
import { haproxyPolicy } from "./peers/haproxy-policy.ts";
import {
  type Callers,
  type GatewayStart,
  publicKeyOf,
  rootCertificateOf,
  startSallyport,
  subscriptionKey,
} from "./sallyport.ts";
import { freePort } from "./site.ts";

export interface Wanted {
  /** Whether some of its cases are to run. */
  has(keys: readonly string[]): boolean;
  /** Of what could not be started. */
  say(line: string): void;
}

const filePath = "/files/small.json";

/** Every proxy that is installed, bare. */
export async function peerTargets(site: Site, wanted: Wanted, undo: AsyncDisposableStack): Promise<Target[]> {
  const targets: Target[] = [];
  for (const peer of peers) {
    const { binary } = peer;
    const keys = ["bare-http", "bare", "file", "bare-h2"].map((name) => `${binary}:${name}`);
    if (!wanted.has(keys)) continue;
    if (!installed(binary)) {
      wanted.say(`${peer.name}: not installed, left out`);
      continue;
    }
    const [http, https] = [await freePort(), await freePort()];
    const running = await peer.start(site, http, https);
    undo.defer(() => running.stop());
    const proxy = `${peer.name} ${versionOf(binary)}`;
    const common = {
      proxy,
      running,
      path: "/bare",
      ca: readFileSync(site.certFile, "utf8"),
      headers: [],
      http2: false,
    };
    const secure = { ...common, port: https, tls: true };
    targets.push(
      { ...common, key: `${binary}:bare-http`, case: "bare, HTTP", port: http, tls: false },
      { ...secure, key: `${binary}:bare`, case: "bare, HTTPS" },
      ...(peer.servesFiles ? [{ ...secure, key: `${binary}:file`, case: "small file, HTTPS", path: filePath }] : []),
      ...(peer.speaksHttp2 ? [{ ...secure, key: `${binary}:bare-h2`, case: "bare, HTTP/2", http2: true }] : []),
    );
  }
  return targets;
}

/** HAProxy with a policy of its own: what the whole policy path is held against. */
export async function policyTargets(
  site: Site,
  { issuer, headers }: Callers,
  wanted: Wanted,
  undo: AsyncDisposableStack,
): Promise<Target[]> {
  if (!wanted.has(["haproxy:policy"]) || !installed("haproxy")) return [];
  const at = (name: string): string => join(site.folder, name);
  const [keysFile, publicKeyFile, file] = [at("keys"), at("issuer.pem"), at("haproxy-policy.cfg")];
  const port = await freePort();
  writeFileSync(keysFile, `${subscriptionKey}\n`);
  writeFileSync(publicKeyFile, await publicKeyOf(issuer));
  writeFileSync(file, haproxyPolicy({ ...site, port, keysFile, publicKeyFile, issuer }));
  const running = await started("haproxy", ["-f", file, "-db"], port);
  undo.defer(() => running.stop());
  const ca = readFileSync(site.certFile, "utf8");
  const what = {
    key: "haproxy:policy",
    proxy: `HAProxy ${versionOf("haproxy")}`,
    case: "key, RS256, claims, rate, log, HTTPS",
  };
  return [{ ...what, running, port, tls: true, http2: false, ca, path: "/orders", headers }];
}

/** A gateway of a bench, and the cases that are asked of it. */
interface Own {
  readonly settings: Partial<Pick<GatewayStart, "tls" | "workers" | "durability">>;
  readonly cases: readonly (Pick<Target, "key" | "case"> & {
    readonly path?: string;
    readonly http2?: true;
    readonly whole?: true;
  })[];
}

const own: readonly Own[] = [
  { settings: { tls: false }, cases: [{ key: "sallyport:bare-http", case: "bare, HTTP" }] },
  {
    settings: {},
    cases: [
      { key: "sallyport:bare", case: "bare, HTTPS" },
      { key: "sallyport:file", case: "small file, HTTPS", path: filePath },
      { key: "sallyport:whole", case: "whole policy path, HTTPS", whole: true },
      { key: "sallyport:bare-h2", case: "bare, HTTP/2", http2: true },
      { key: "sallyport:whole-h2", case: "whole policy path, HTTP/2", http2: true, whole: true },
    ],
  },
  {
    settings: { workers: 2 },
    cases: [{ key: "sallyport:whole-two-workers", case: "whole policy path, two workers", whole: true }],
  },
  {
    settings: { durability: "strict" },
    cases: [{ key: "sallyport:whole-strict", case: "whole policy path, strict record", whole: true }],
  },
];

/** @param profile folder for CPU profiles of the threads; empty: none are taken */
export async function ownTargets(
  site: Site,
  { issuer, headers }: Callers,
  wanted: Wanted,
  profile: string,
  undo: AsyncDisposableStack,
): Promise<Target[]> {
  const targets: Target[] = [];
  const nodeArgs = profile === "" ? [] : ["--cpu-prof", `--cpu-prof-dir=${profile}`];
  for (const [index, { settings, cases }] of own.entries()) {
    if (!wanted.has(cases.map(({ key }) => key))) continue;
    const { tls = true, workers = 1, durability = "batched" } = settings;
    const [httpPort, httpsPort] = [await freePort(), await freePort()];
    const name = `sallyport-${index}`;
    const running = await startSallyport({
      site,
      name,
      tls,
      httpPort,
      httpsPort,
      issuer,
      nodeArgs,
      workers,
      durability,
    });
    undo.defer(() => running.stop());
    const ca = tls ? readFileSync(rootCertificateOf(site, name), "utf8") : "";
    const common = { proxy: "Sallyport", running, ca, tls, port: tls ? httpsPort : httpPort };
    for (const { key, case: text, path, http2 = false, whole } of cases) {
      const asked = whole === true ? { path: "/orders", headers } : { path: path ?? "/bare", headers: [] };
      targets.push({ ...common, key, case: text, http2, ...asked });
    }
  }
  return targets;
}
