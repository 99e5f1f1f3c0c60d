import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { arch, cpus, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { judge } from "./goals.ts";
import { sample, type Sample, type Target } from "./measure.ts";
import { installed } from "./peers.ts";
import { goalsText, type Row, rowOf, rowsText } from "./report.ts";
import { startCallers } from "./sallyport.ts";
import { freePort, makeSite, startUpstream } from "./site.ts";
import { ownTargets, peerTargets, policyTargets, type Wanted } from "./targets.ts";

/**
 * CPU time per proxied request, side by side with the proxies that are installed: same machine, same upstream, same
 * load, in turns over several rounds of one run. Ratios are the result; the microseconds depend on the machine.
 */
const { values: options } = parseArgs({
  options: {
    seconds: { type: "string", default: "3" },
    rounds: { type: "string", default: "5" },
    /** Seconds of load before anything counts: a JIT is done later than a proxy that has none. */
    "warm-up": { type: "string", default: "8" },
    connections: { type: "string", default: "64" },
    /** Comma-separated: nginx, haproxy, caddy, sallyport. */
    only: { type: "string", default: "" },
    /** Comma-separated, as the first column names them: sallyport:whole,nginx:bare. */
    case: { type: "string", default: "" },
    json: { type: "string", default: "bench/results/latest.json" },
    /** Writes CPU profiles of Sallyport's threads into this folder. */
    profile: { type: "string", default: "" },
  },
});

const say = (line: string): boolean => process.stderr.write(`${line}\n`);
const listed = (text: string): readonly string[] => text.split(",").filter((one) => one !== "");
const [proxies, cases] = [listed(options.only), listed(options.case)];

function isWanted(key: string): boolean {
  if (cases.length > 0) return cases.includes(key);
  return proxies.length === 0 || proxies.includes(key.split(":")[0] ?? "");
}

const wanted: Wanted = { has: (keys) => keys.some(isWanted), say };

function canRun({ key, http2 }: Target): boolean {
  if (!isWanted(key)) return false;
  if (http2 && !installed("h2load")) {
    say(`${key}: h2load is not installed (nghttp2-client), left out`);
    return false;
  }
  return true;
}

async function measureAll(targets: readonly Target[]): Promise<Row[]> {
  const samples = new Map<Target, Sample[]>(targets.map((target) => [target, []]));
  const connections = Number(options.connections);
  for (const target of targets) {
    say(`  warming up: ${target.key}`);
    await sample(target, connections, Number(options["warm-up"]));
  }
  for (let round = 1; round <= Number(options.rounds); round += 1) {
    for (const target of targets) {
      const one = await sample(target, connections, Number(options.seconds));
      samples.get(target)?.push(one);
      if (one.failures > 0)
        say(`  ${target.proxy}: ${one.failures} failures; the first: ${one.firstFailure.slice(0, 300)}`);
      say(`  round ${round}: ${target.key}: ${one.micros.toFixed(1)} µs, ${Math.round(one.perSecond)}/s`);
    }
  }
  return targets.map((target) => rowOf(target, samples.get(target) ?? []));
}

async function run(folder: string): Promise<void> {
  await using undo = new AsyncDisposableStack();
  const upstreamPort = await freePort();
  const upstream = await startUpstream(folder, upstreamPort);
  undo.defer(() => upstream.stop());
  const site = makeSite(folder, upstreamPort);
  const callers = await startCallers(undo);
  const targets = [
    ...(await peerTargets(site, wanted, undo)),
    ...(await policyTargets(site, callers, wanted, undo)),
    ...(await ownTargets(site, callers, wanted, options.profile, undo)),
  ].filter(canRun);
  say(
    `upstream ${upstream.name}; ${options.connections} connections; ${options.rounds} rounds of ${options.seconds} s a case`,
  );
  const rows = await measureAll(targets);
  const measured = judge(new Map(rows.map(({ key, rounds }) => [key, rounds])));
  const machine = { cpu: cpus()[0]?.model ?? "unknown", cores: cpus().length, arch: arch(), node: process.version };
  const result = { date: new Date().toISOString(), machine, upstream: upstream.name, options, rows, measured };
  mkdirSync(dirname(options.json), { recursive: true });
  writeFileSync(options.json, `${JSON.stringify(result, null, 2)}\n`);
  const found = measured.length === 0 ? "" : `${goalsText(measured)}\n\n`;
  process.stdout.write(`${rowsText(rows)}\n\n${found}written to ${options.json}\n`);
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
