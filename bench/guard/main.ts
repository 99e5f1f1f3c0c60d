import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { interruptible } from "../interruptible.ts";
import { readOptions } from "../options.ts";
import { openWorld } from "../world.ts";
import { countAll, type CountOptions } from "./count.ts";
import { type Counts, type Expectations, regressions, shown } from "./expectations.ts";

/**
 * Guards the way of a request against becoming dearer, by counts instead of times: bytes allocated, promises and system
 * calls a request, against those in expected.json.
 */
const { values } = parseArgs({
  options: {
    /** Writes what was counted as what is expected from now on. */
    update: { type: "boolean", default: false },
    "warm-up": { type: "string", default: "30" },
    seconds: { type: "string", default: "1" },
    turns: { type: "string", default: "5" },
    /** A module that the gateway loads first. */
    import: { type: "string", default: "" },
  },
});
const file = join(import.meta.dirname, "expected.json");
const signal = interruptible();

async function run(): Promise<Expectations> {
  await using undo = new AsyncDisposableStack();
  const world = await openWorld(readOptions([], ["path"]), signal, undo, (line) => process.stderr.write(`${line}\n`));
  const options: CountOptions = {
    warmUpSeconds: Number(values["warm-up"]),
    seconds: Number(values.seconds),
    turns: Number(values.turns),
    nodeArgs: values.import === "" ? [] : ["--import", values.import],
  };
  const counted = Object.entries(await countAll(world, options));
  return { node: process.version, targets: Object.fromEntries(counted.map(([key, counts]) => [key, rounded(counts)])) };
}

function rounded({ bytes, promises, calls }: Counts): Counts {
  const hundredths = (value: number): number => Math.round(value * 100) / 100;
  return { bytes: Math.round(bytes), promises: hundredths(promises), calls: hundredths(calls) };
}

const measured = await run();
for (const [key, { bytes, promises, calls }] of Object.entries(measured.targets))
  process.stdout.write(`${key}: ${shown(bytes)} bytes, ${shown(promises)} promises, ${shown(calls)} system calls\n`);
if (values.update) writeFileSync(file, `${JSON.stringify(measured, null, 2)}\n`);
else {
  const found = regressions(JSON.parse(readFileSync(file, "utf8")) as Expectations, measured);
  for (const line of found) process.stderr.write(`bench:guard: ${line}\n`);
  if (found.length > 0) process.exitCode = 1;
}
