import { mkdirSync, writeFileSync } from "node:fs";
import { arch, cpus } from "node:os";
import { dirname } from "node:path";
import { cases } from "./cases/all.ts";
import type { Findings } from "./cases/case.ts";
import { judge, type Measured, type Series } from "./goals.ts";
import { goals } from "./goals-table.ts";
import { interruptible } from "./interruptible.ts";
import { type Options, readOptions } from "./options.ts";
import { helpIfAsked, type Usage } from "./usage.ts";
import { goalsText, rowsText } from "./report.ts";
import { openWorld } from "./world.ts";

/**
 * What the gateway costs beside the proxies that are installed: same machine, same upstream, same load, in turns over
 * several rounds of one run. Ratios are the result; the microseconds depend on the machine.
 */
const say = (line: string): boolean => process.stderr.write(`${line}\n`);

async function run(options: Options, signal: AbortSignal): Promise<boolean> {
  await using undo = new AsyncDisposableStack();
  const world = await openWorld(options, signal, undo, say);
  const found: Findings[] = [];
  const measured: Measured[] = [];
  for (const one of cases.filter(({ name }) => options.cases.includes(name))) {
    say(`${one.name}: ${one.about}`);
    const findings = await one.run(world);
    found.push(findings);
    measured.push(
      ...judge(
        findings.series,
        goals.filter((goal) => goal.case === one.name),
      ),
    );
  }
  const rows = found.flatMap((findings) => findings.rows);
  const machine = { cpu: cpus()[0]?.model ?? "unknown", cores: cpus().length, arch: arch(), node: process.version };
  const series = found.map((findings): Series => findings.series).flatMap((one) => [...one]);
  const result = { date: new Date().toISOString(), machine, upstream: world.upstream, options, rows, series, measured };
  mkdirSync(dirname(options.json), { recursive: true });
  writeFileSync(options.json, `${JSON.stringify(result, null, 2)}\n`);
  const texts = [rows.length === 0 ? "" : rowsText(rows), measured.length === 0 ? "" : goalsText(measured)];
  process.stdout.write(`${texts.filter((text) => text !== "").join("\n\n")}\n\nwritten to ${options.json}\n`);
  return rows.every(({ failures }) => failures === 0);
}

const usage: Usage = [
  ["--case NAMES", "what is measured, with commas between (path)"],
  ["--all", "every case"],
  ["--only PROXIES", "`proxy` or `proxy:target`, with commas between (all of the case)"],
  ["--rounds N", "turns that each has (15)"],
  ["--seconds S", "of load, a turn (1)"],
  ["--warm-up S", "of load at most before anything counts (40)"],
  ["--settle S", "until what a gateway does behind its requests is over (6)"],
  ["--connections N", "of the load (64)"],
  ["--idle N", "connections of the case idle (10000)"],
  ["--json FILE", "for all that was measured (bench/results/latest.json)"],
  ["--profile FOLDER", "for CPU profiles of the gateway's threads (none)"],
];
const examples = `Examples:
  npm run bench
  npm run bench -- --case http2,strict --rounds 25
  npm run bench -- --case path --only nginx,sallyport:whole`;

function optionsOrExit(): Options {
  const names = cases.map(({ name }) => name);
  const list = cases.map(({ name, about }) => `  ${name.padEnd(10)}${about}`).join("\n");
  helpIfAsked(
    "bench",
    "What the gateway costs beside proxies that are installed.",
    usage,
    `Cases:\n${list}\n\n${examples}`,
  );
  try {
    return readOptions(process.argv.slice(2), names);
  } catch (error) {
    say(`bench: ${(error as Error).message}\n\ncases:\n${list}`);
    process.exit(2);
  }
}

const options = optionsOrExit();
const signal = interruptible();
try {
  if (!(await run(options, signal))) process.exitCode = 1;
} catch (error) {
  if (!signal.aborted) throw error;
  say("interrupted: all that was started has ended");
  process.exitCode = 130;
}
