import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { Command, Option } from "commander";
import { withExitCodes } from "#cli/exit-codes.ts";
import { paint } from "#audit/read/terminal-text.ts";
import { compareDefinitions } from "#compile/comparison/compare.ts";
import { compareValues } from "#config/environments/compare-values.ts";
import { gitFiles } from "./comparison/git-files.ts";
import { readSide, type Side, SideFailure } from "./comparison/side.ts";
import { showDifferences } from "./comparison/show.ts";
import { report } from "./definition-options.ts";
import { isColored } from "./terminal.ts";

interface DiffOptions {
  readonly config: string;
  readonly against?: string;
  readonly since?: string;
  readonly json: boolean;
}

/** `sallyport diff`: what a definition means otherwise, in another environment or before a change. */
export function diffCommand(): Command {
  return withExitCodes(
    new Command("diff"),
    "0 nothing differs, 1 something does, 2 wrong usage or a definition that cannot be read.",
  )
    .description("show what differs between two environments, two files or two revisions of a definition, by entry")
    .argument("[from]", "environment of the one side")
    .argument("[to]", "of the other; the same when absent")
    .option("-c, --config <file>", "the definition", "sallyport.yaml")
    .addOption(new Option("--against <file>", "another definition for the one side").conflicts("since"))
    .option("--since <revision>", "the definition as a git revision has it for the one side")
    .option("--json", "print JSON", false)
    .addHelpText(
      "after",
      `
Examples:
  sallyport diff staging prod
  sallyport diff prod --since HEAD~1
  sallyport diff prod --against rendered.yaml --json | jq '.differences[].entry'

No secret is read: of secrets it is shown where they come from.`,
    )
    .action(async (from: string | undefined, to: string | undefined, options: DiffOptions, command: Command) => {
      if (to === undefined && options.against === undefined && options.since === undefined) {
        command.error("error: name two environments, or add --against <file> or --since <revision>");
      }
      try {
        const [before, after] = [await readBefore(from, options), await readAfter(to ?? from, options)];
        process.exitCode = print(before, after, options) ? 1 : 0;
      } catch (error) {
        if (!(error instanceof SideFailure)) throw error;
        if (error.message !== "") process.stderr.write(`${error.message}\n`);
        report(error, false);
        process.exitCode = 2;
      }
    });
}

async function readBefore(environment: string | undefined, { config, against, since }: DiffOptions): Promise<Side> {
  const file = resolve(against ?? config);
  // A definition that is rendered has one environment.
  return readSide({ file, environment, readFile: since === undefined ? readFile : await gitFiles(since, file) });
}

function readAfter(environment: string | undefined, { config }: DiffOptions): Promise<Side> {
  return readSide({ file: resolve(config), environment, readFile });
}

/** @returns whether anything differs */
function print(before: Side, after: Side, { json }: DiffOptions): boolean {
  const values = compareValues(before.values, after.values);
  // What it is called is what was asked about.
  const differences = compareDefinitions(before.definition, after.definition).filter(
    ({ entry }) => entry.kind !== "definition" || entry.name !== "environment",
  );
  const differs = values.length + differences.length > 0;
  const sides = [before, after].map(({ definition, hash }) => ({ environment: definition.environment, hash }));
  const [from, to] = sides;
  const text = json
    ? `${JSON.stringify({ from, to, differs, values, differences }, null, 2)}\n`
    : showDifferences(values, differences, paint(isColored(process.stdout)));
  process.stdout.write(text);
  return differs;
}
