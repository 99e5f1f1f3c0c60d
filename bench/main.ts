import { mkdirSync, writeFileSync } from "node:fs";
import { arch, cpus } from "node:os";
import { dirname } from "node:path";
import { cases } from "./cases/all.ts";
import type { Findings } from "./cases/case.ts";
import { judge, type Measured, type Series } from "./goals.ts";
import { goals } from "./goals-table.ts";
import { interruptible } from "./interruptible.ts";
import { type Options, readOptions } from "./options.ts";
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

function optionsOrExit(): Options {
  const names = cases.map(({ name }) => name);
  try {
    return readOptions(process.argv.slice(2), names);
  } catch (error) {
    const list = cases.map(({ name, about }) => `  ${name.padEnd(10)}${about}`).join("\n");
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
