import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { arch, cpus, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { median, sample, type Sample, type Target } from "./measure.ts";
import { installed, peers, type Site, started, versionOf } from "./peers.ts";
import { haproxyPolicy } from "./peers/haproxy-policy.ts";
import {
  type Callers,
  publicKeyOf,
  rootCertificateOf,
  startCallers,
  startSallyport,
  subscriptionKey,
} from "./sallyport.ts";
import { freePort, makeSite, startUpstream } from "./site.ts";

/**
 * CPU time per proxied request, side by side with the proxies that are installed: same machine, same upstream, same
 * load, in turns over several rounds of one run. Ratios are the result; the microseconds depend on the machine.
 */
const { values: options } = parseArgs({
  options: {
    seconds: { type: "string", default: "3" },
    rounds: { type: "string", default: "5" },
    connections: { type: "string", default: "64" },
    /** Comma-separated: nginx, haproxy, caddy, sallyport. */
    only: { type: "string", default: "" },
    json: { type: "string", default: "bench/results/latest.json" },
    /** Writes CPU profiles of Sallyport's threads into this folder. */
    profile: { type: "string", default: "" },
  },
});

const warmUpSeconds = 4;
const fileCase = "small file, HTTPS";
const filePath = "/files/small.json";
const ownPolicy = "key, RS256, claims, rate, log, HTTPS";
const say = (line: string): boolean => process.stderr.write(`${line}\n`);
const wanted = (name: string): boolean => options.only === "" || options.only.split(",").includes(name);

async function peerTargets(site: Site, undo: AsyncDisposableStack): Promise<Target[]> {
  const targets: Target[] = [];
  for (const peer of peers.filter(({ binary }) => wanted(binary))) {
    if (!installed(peer.binary)) {
      say(`${peer.name}: not installed, left out`);
      continue;
    }
    const [http, https] = [await freePort(), await freePort()];
    const running = await peer.start(site, http, https);
    undo.defer(() => running.stop());
    const proxy = `${peer.name} ${versionOf(peer.binary)}`;
    const common = { proxy, running, path: "/bare", ca: readFileSync(site.certFile, "utf8"), headers: [] };
    targets.push({ ...common, case: "bare, HTTP", port: http, tls: false });
    targets.push({ ...common, case: "bare, HTTPS", port: https, tls: true });
    if (peer.servesFiles) targets.push({ ...common, case: fileCase, path: filePath, port: https, tls: true });
  }
  return targets;
}

/** HAProxy with a policy of its own: what the whole policy path is held against. */
async function policyTargets(site: Site, { issuer, headers }: Callers, undo: AsyncDisposableStack): Promise<Target[]> {
  if (!wanted("haproxy") || !installed("haproxy")) return [];
  const at = (name: string): string => join(site.folder, name);
  const [keysFile, publicKeyFile, file] = [at("keys"), at("issuer.pem"), at("haproxy-policy.cfg")];
  const port = await freePort();
  writeFileSync(keysFile, `${subscriptionKey}\n`);
  writeFileSync(publicKeyFile, await publicKeyOf(issuer));
  writeFileSync(file, haproxyPolicy({ ...site, port, keysFile, publicKeyFile, issuer }));
  const running = await started("haproxy", ["-f", file, "-db"], port);
  undo.defer(() => running.stop());
  const ca = readFileSync(site.certFile, "utf8");
  const proxy = `HAProxy ${versionOf("haproxy")}`;
  return [{ proxy, case: ownPolicy, running, port, tls: true, ca, path: "/orders", headers }];
}

async function ownTargets(site: Site, { issuer, headers }: Callers, undo: AsyncDisposableStack): Promise<Target[]> {
  if (!wanted("sallyport")) return [];
  const [http, redirect, https] = [await freePort(), await freePort(), await freePort()];
  const nodeArgs = options.profile === "" ? [] : ["--cpu-prof", `--cpu-prof-dir=${options.profile}`];
  const names = { clear: "sallyport-http", secure: "sallyport-https" };
  const start = { site, httpsPort: https, issuer, nodeArgs };
  const clear = await startSallyport({ ...start, name: names.clear, tls: false, httpPort: http });
  undo.defer(() => clear.stop());
  const secure = await startSallyport({ ...start, name: names.secure, tls: true, httpPort: redirect });
  undo.defer(() => secure.stop());
  const ca = readFileSync(rootCertificateOf(site, names.secure), "utf8");
  const common = { proxy: "Sallyport", ca, path: "/bare", headers: [] };
  return [
    { ...common, case: "bare, HTTP", running: clear, port: http, tls: false },
    { ...common, case: "bare, HTTPS", running: secure, port: https, tls: true },
    { ...common, case: fileCase, path: filePath, running: secure, port: https, tls: true },
    {
      ...common,
      case: "whole policy path, HTTPS",
      running: secure,
      port: https,
      tls: true,
      path: "/orders",
      headers,
    },
  ];
}

interface Row {
  readonly proxy: string;
  readonly case: string;
  readonly microsPerRequest: number;
  readonly rounds: readonly number[];
  readonly requestsPerSecond: number;
  readonly p50: number;
  readonly p99: number;
  readonly residentMiB: number;
  readonly failures: number;
}

function rowOf(target: Target, samples: readonly Sample[]): Row {
  const middle = (pick: (one: Sample) => number): number => Math.round(median(samples.map(pick)) * 10) / 10;
  return {
    proxy: target.proxy,
    case: target.case,
    microsPerRequest: middle(({ micros }) => micros),
    rounds: samples.map(({ micros }) => Math.round(micros * 10) / 10),
    requestsPerSecond: Math.round(middle(({ perSecond }) => perSecond)),
    p50: middle(({ p50 }) => p50),
    p99: middle(({ p99 }) => p99),
    residentMiB: Math.max(...samples.map((one) => one.residentMiB)),
    failures: samples.reduce((sum, { failures }) => sum + failures, 0),
  };
}

async function measureAll(targets: readonly Target[]): Promise<Row[]> {
  const samples = new Map<Target, Sample[]>(targets.map((target) => [target, []]));
  const connections = Number(options.connections);
  for (const target of targets) await sample(target, connections, warmUpSeconds);
  for (let round = 1; round <= Number(options.rounds); round += 1) {
    for (const target of targets) {
      const one = await sample(target, connections, Number(options.seconds));
      samples.get(target)?.push(one);
      if (one.failures > 0)
        say(`  ${target.proxy}: ${one.failures} failures; the first: ${one.firstFailure.slice(0, 300)}`);
      say(
        `  round ${round}: ${target.proxy}, ${target.case}: ${one.micros.toFixed(1)} µs, ${Math.round(one.perSecond)}/s`,
      );
    }
  }
  return targets.map((target) => rowOf(target, samples.get(target) ?? []));
}

function table(rows: readonly Row[]): string {
  const head = ["proxy", "case", "µs CPU/request", "requests/s", "p50 ms", "p99 ms", "MiB"];
  const lines = rows.map((row) =>
    [row.proxy, row.case, row.microsPerRequest, row.requestsPerSecond, row.p50, row.p99, row.residentMiB].map(String),
  );
  const widths = head.map((name, at) => Math.max(name.length, ...lines.map((line) => line[at]?.length ?? 0)));
  const format = (cells: readonly string[]): string =>
    `| ${cells.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(" | ")} |`;
  return [format(head), `|${widths.map((width) => "-".repeat(width + 2)).join("|")}|`, ...lines.map(format)].join("\n");
}

/** What the whole policy path costs beside the others, bare and with a policy of their own: the figure this bench is for. */
function ratios(rows: readonly Row[]): string {
  const whole = rows.find((row) => row.case.startsWith("whole"));
  if (whole === undefined) return "";
  const others = rows.filter((row) => ["bare, HTTPS", ownPolicy].includes(row.case) && row.proxy !== whole.proxy);
  return others
    .map(
      (row) =>
        `whole policy path ÷ ${row.proxy} ${row.case}: ${(whole.microsPerRequest / row.microsPerRequest).toFixed(2)}`,
    )
    .join("\n");
}

async function run(folder: string): Promise<void> {
  await using undo = new AsyncDisposableStack();
  const upstreamPort = await freePort();
  const upstream = await startUpstream(folder, upstreamPort);
  undo.defer(() => upstream.stop());
  const site = makeSite(folder, upstreamPort);
  const callers = await startCallers(undo);
  const targets = [
    ...(await peerTargets(site, undo)),
    ...(await policyTargets(site, callers, undo)),
    ...(await ownTargets(site, callers, undo)),
  ];
  say(
    `upstream ${upstream.name}; ${options.connections} connections; ${options.rounds} rounds of ${options.seconds} s a case`,
  );
  const rows = await measureAll(targets);
  const machine = { cpu: cpus()[0]?.model ?? "unknown", cores: cpus().length, arch: arch(), node: process.version };
  const result = { date: new Date().toISOString(), machine, upstream: upstream.name, options, rows };
  mkdirSync(dirname(options.json), { recursive: true });
  writeFileSync(options.json, `${JSON.stringify(result, null, 2)}\n`);
  process.stdout.write(`${table(rows)}\n\n${ratios(rows)}\n\nwritten to ${options.json}\n`);
  if (rows.some(({ failures }) => failures > 0)) process.exitCode = 1;
}

const folder = mkdtempSync(join(tmpdir(), "sallyport-bench-"));
// nginx drops its rights, and reads the file with what is left.
chmodSync(folder, 0o755);
try {
  await run(folder);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
