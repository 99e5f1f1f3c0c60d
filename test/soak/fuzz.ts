import { parseArgs } from "node:util";
import { definitionTarget } from "./fuzz/definition-target.ts";
import { edgeTarget } from "./fuzz/edge-target.ts";
import { http2Target } from "./fuzz/http2-target.ts";
import { policyTarget } from "./fuzz/policy-target.ts";
import { requestTarget } from "./fuzz/request-target.ts";
import { responseTarget } from "./fuzz/response-target.ts";
import type { Target } from "./fuzz/target.ts";
import { diceOf } from "./support.ts";

const usage = `npm run fuzz -- [--minutes N] [--seed S] [--only edge|http2|request|response|definition|policy] [--cases N]

Mutates HTTP/1.1 requests, frames of HTTP/2, upstream responses, definitions and policy documents until the time is over, or the first one that is read
wrongly; that one is printed with the command that repeats it.
`;

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "1" },
    seed: { type: "string", default: String(Date.now() % 1_000_000_000) },
    only: { type: "string" },
    cases: { type: "string" },
    help: { type: "boolean", short: "h", default: false },
  },
});
const seed = Number(values.seed);
const minutes = Number(values.minutes);
const most = values.cases === undefined ? Infinity : Number(values.cases);
const targets = (
  await Promise.all([
    edgeTarget(),
    Promise.resolve(http2Target()),
    Promise.resolve(requestTarget()),
    Promise.resolve(responseTarget()),
    Promise.resolve(definitionTarget()),
    Promise.resolve(policyTarget()),
  ])
).filter(({ name }) => values.only === undefined || values.only === name);

if (values.help || targets.length === 0 || !(seed >= 0) || !(minutes > 0) || !(most > 0)) {
  process.stdout.write(usage);
  process.exit(values.help ? 0 : 2);
}

/** Runs one target for its share of the time. Case `at` depends on `seed + at` only. @returns whether nothing was found */
async function fuzz(target: Target, shareMs: number): Promise<boolean> {
  const end = performance.now() + shareMs;
  let next = 0;
  let found = false;
  const lane = async (): Promise<void> => {
    while (!found && next < most && performance.now() < end) {
      const at = (next += 1) - 1;
      const finding = await target.run(diceOf(seed + at));
      if (finding === null || found) continue;
      found = true;
      process.stdout.write(`${target.name}: case ${at} of seed ${seed}: ${finding.problem.slice(0, 4000)}\n`);
      process.stdout.write(`input (JSON): ${JSON.stringify(finding.input)}\n`);
      process.stdout.write(`again: npm run fuzz -- --only ${target.name} --seed ${seed + at} --cases 1\n`);
    }
  };
  await Promise.all(Array.from({ length: target.lanes }, lane));
  if (found) return false;
  process.stdout.write(
    `${target.name}: ${next} cases from seed ${seed}, nothing found; ${JSON.stringify(target.tally)}\n`,
  );
  return true;
}

// A crash must name its case, too.
process.on("uncaughtException", (error) => {
  process.stdout.write(`uncaught, near seed ${seed}: ${error.stack}\n`);
  process.exit(1);
});

let clean = true;
for (const target of targets) {
  clean = (await fuzz(target, (minutes * 60_000) / targets.length)) && clean;
  await target.close();
}
process.exit(clean ? 0 : 1);
