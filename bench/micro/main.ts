import { mkdirSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { dirname } from "node:path";
import { parseArgs } from "node:util";
import { table } from "../report.ts";
import { helpIfAsked } from "../usage.ts";
import { all } from "./all.ts";
import { type Figures, measure } from "./measure.ts";

/** What the groups are called. */
const groups = [...new Set(all.map(({ group }) => group))];

helpIfAsked(
  "bench:micro",
  "Nanoseconds and bytes of what requests do, one thing at a time.",
  [
    ["--only GROUPS", "with commas between (all)"],
    ["--milliseconds N", "of each measurement, of nine (200)"],
    ["--json FILE", "for all that was measured"],
  ],
  `Groups: ${groups.join(", ")}\n\nExample:\n  npm run bench:micro -- --only router,cel`,
);

function optionsOrExit(): { readonly only: readonly string[]; readonly json: string; readonly milliseconds: number } {
  const { values } = parseArgs({
    options: {
      only: { type: "string", default: groups.join() },
      json: { type: "string", default: "" },
      milliseconds: { type: "string", default: "200" },
    },
  });
  const only = values.only.split(",").filter((one) => one !== "");
  const unknown = only.find((one) => !groups.includes(one));
  const milliseconds = Number(values.milliseconds);
  if (unknown === undefined && only.length > 0 && milliseconds > 0) return { only, json: values.json, milliseconds };
  const problem =
    milliseconds > 0
      ? `--only: ${unknown ?? "nothing"} is none of ${groups.join(", ")}`
      : "--milliseconds: more than 0";
  process.stderr.write(`bench:micro: ${problem}\n`);
  process.exit(2);
}

function texts(figures: readonly Figures[]): string {
  const head = ["", "what", "ns", "least", "bytes", ""];
  return table(
    head,
    figures.map(({ group, name, nanoseconds, least, bytes, note }) => [
      group,
      name,
      rounded(nanoseconds),
      rounded(least),
      Math.round(bytes),
      note,
    ]),
  );
}

function rounded(nanoseconds: number): string {
  return nanoseconds.toFixed(nanoseconds < 100 ? 1 : 0);
}

const { only, json, milliseconds } = optionsOrExit();
const figures = all
  .filter(({ group }) => only.includes(group))
  .map((subject) => {
    process.stderr.write(`  ${subject.group}: ${subject.name}\n`);
    return measure(subject, { milliseconds, count: 9 });
  });
process.stdout.write(`${texts(figures)}\n`);
if (json !== "") {
  mkdirSync(dirname(json), { recursive: true });
  const machine = { cpu: cpus()[0]?.model ?? "unknown", node: process.version };
  writeFileSync(json, `${JSON.stringify({ date: new Date().toISOString(), machine, figures }, null, 2)}\n`);
}
