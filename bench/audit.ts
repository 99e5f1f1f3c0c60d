import { chmodSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { addedByParts } from "./audit/parts.ts";
import { since, sumOf, threadTimes, type ThreadTimes } from "./audit/thread-times.ts";
import { workerShare } from "./audit/worker-share.ts";
import type { Site } from "./peers.ts";
import { type Callers, rootCertificateOf, startCallers, startSallyport } from "./sallyport.ts";
import { freePort, makeSite, startUpstream } from "./site.ts";
import { quantile } from "./statistics.ts";
import { type Asker, askerOf, type Target } from "./target.ts";
import { helpIfAsked } from "./usage.ts";

/**
 * What the record and analytics add to the CPU of a request: the whole policy path by two gateways, one of which has
 * neither, in short turns, so that what else goes on meets both. All threads count, also for what they do once the load
 * is over: the search index comes after. What pairs of turns differ by is the whole of it, and as uncertain as all that
 * goes on; the sum of the parts is steadier, and leaves out what the worker pays elsewhere, in its collector and caches.
 */
helpIfAsked(
  "bench:audit",
  "What the record and analytics add to the CPU of a request of the whole policy path.",
  [
    ["--pairs N", "of turns, one with and one without (25)"],
    ["--seconds S", "of load, a turn (1.5)"],
    ["--connections N", "of the load (64)"],
    ["--profile FOLDER", "for CPU profiles of the gateways' threads (none)"],
  ],
  "Examples:\n  npm run bench:audit\n  npm run bench:audit -- --pairs 9 --profile profiles/",
);
const { values: options } = parseArgs({
  options: {
    seconds: { type: "string", default: "1.5" },
    pairs: { type: "string", default: "25" },
    connections: { type: "string", default: "64" },
    /** Writes CPU profiles of the threads into this folder. */
    profile: { type: "string", default: "" },
  },
});

/** Until the optimising compiler is done with all threads, as it is with a gateway that runs for days. */
const warmUpSeconds = 20;
/** The search index looks for more each 5 seconds. */
const settleMs = 8000;
const withoutRecord = fileURLToPath(new URL("audit/without-record.ts", import.meta.url));
const say = (line: string): boolean => process.stderr.write(`${line}\n`);
const micros = (value: number): string => value.toFixed(2);

/** What a gateway has spent since a moment, and on how many requests. */
class Account {
  readonly #pid: number;
  readonly #before: ThreadTimes;
  requests = 0;

  constructor(pid: number) {
    this.#pid = pid;
    this.#before = threadTimes(pid);
  }

  /** µs a request by thread, so far. */
  perRequest(): ThreadTimes {
    const spent = since(this.#before, threadTimes(this.#pid));
    return new Map([...spent].map(([name, time]) => [name, time / Math.max(1, this.requests)]));
  }
}

interface Asked {
  readonly name: string;
  readonly pid: number;
  readonly asker: Asker;
}

async function startAsked(
  site: Site,
  { issuer, headers }: Callers,
  name: string,
  nodeArgs: readonly string[],
  undo: AsyncDisposableStack,
): Promise<Asked> {
  const [httpPort, port] = [await freePort(), await freePort()];
  const settings = { tls: true, workers: 1, durability: "batched" } as const;
  const running = await startSallyport({ site, name, httpPort, httpsPort: port, issuer, nodeArgs, ...settings });
  undo.defer(() => running.stop());
  const ca = readFileSync(rootCertificateOf(site, name), "utf8");
  const what = { key: `${name}:whole`, proxy: name, case: "whole policy path, HTTPS", pids: [running.pid] };
  const target: Target = {
    ...what,
    port,
    tls: true,
    http2: false,
    ca,
    path: "/orders",
    headers: await headers(),
    variants: 1,
  };
  const asker = askerOf(target, Number(options.connections), new AbortController().signal);
  undo.defer(() => asker.stop());
  return { name, pid: running.pid, asker };
}

/** @returns µs a request of all threads while the load lasts */
async function turn({ name, pid, asker }: Asked, seconds: number, account?: Account): Promise<number> {
  const here = new Account(pid);
  const { requests, failures, firstFailure } = await asker.run({ seconds, rate: null });
  if (failures > 0) throw new Error(`${name}: ${failures} failures; the first: ${firstFailure.slice(0, 300)}`);
  here.requests = requests;
  if (account !== undefined) account.requests += requests;
  return sumOf(here.perRequest());
}

async function differencesOf(
  [recording, silent]: readonly [Asked, Asked],
  [one, other]: readonly [Account, Account],
): Promise<readonly number[]> {
  const seconds = Number(options.seconds);
  const differences: number[] = [];
  for (let count = 1; count <= Number(options.pairs); count += 1) {
    // Each goes first in turns.
    const first = count % 2 === 0 ? await turn(silent, seconds, other) : null;
    const recorded = await turn(recording, seconds, one);
    const bare = first ?? (await turn(silent, seconds, other));
    differences.push(recorded - bare);
    say(`  pair ${count}: ${micros(recorded)} with, ${micros(bare)} without, ${micros(recorded - bare)}`);
  }
  return differences;
}

function report(recorded: ThreadTimes, bare: ThreadTimes, differences: readonly number[]): void {
  const line = (name: string, ...values: readonly number[]): void => {
    process.stdout.write(`${name.padEnd(24)}${values.map((value) => micros(value).padStart(9)).join("")}\n`);
  };
  process.stdout.write(`${"µs CPU/request".padEnd(24)}     with  without    added\n`);
  for (const [name, time] of recorded) {
    const other = bare.get(name) ?? 0;
    if (Math.max(time, other) >= 0.02) line(name, time, other, time - other);
  }
  line("all threads", sumOf(recorded), sumOf(bare), sumOf(recorded) - sumOf(bare));
  const { own, worker, share } = addedByParts(recorded, bare, workerShare());
  process.stdout.write(
    `by parts: ${micros(own + worker)} µs added, ${(share * 100).toFixed(1)} % of a request without: ` +
      `${micros(own)} on threads of their own, ${micros(worker)} of the worker, by itself on this thread\n`,
  );
  const [low, middle, high] = [0.25, 0.5, 0.75].map((part) => micros(quantile(differences, part)));
  process.stdout.write(
    `while the load lasts, ${differences.length} pairs: ${middle} µs added (quartiles ${low} and ${high})\n`,
  );
}

async function run(folder: string): Promise<void> {
  await using undo = new AsyncDisposableStack();
  const upstreamPort = await freePort();
  const upstream = await startUpstream(folder, upstreamPort);
  undo.defer(() => upstream.stop());
  const site = makeSite(folder, upstreamPort);
  const callers = await startCallers(undo);
  const profiling = options.profile === "" ? [] : ["--cpu-prof", `--cpu-prof-dir=${options.profile}`];
  const recording = await startAsked(site, callers, "with-record", profiling, undo);
  const silent = await startAsked(site, callers, "without-record", ["--import", withoutRecord], undo);
  for (const target of [recording, silent]) await turn(target, warmUpSeconds);
  await sleep(settleMs);
  const accounts = [new Account(recording.pid), new Account(silent.pid)] as const;
  const differences = await differencesOf([recording, silent], accounts);
  await sleep(settleMs);
  report(accounts[0].perRequest(), accounts[1].perRequest(), differences);
}

const folder = mkdtempSync(join(tmpdir(), "sallyport-bench-"));
// nginx drops its rights, and reads the file with what is left.
chmodSync(folder, 0o755);
try {
  await run(folder);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
