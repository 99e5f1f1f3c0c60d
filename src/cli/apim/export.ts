import { Command, Option } from "commander";
import { exportFolder } from "#interop/apim/export/export-folder.ts";
import { withoutRefused } from "#interop/apim/export/without-refused.ts";
import { writeFolder } from "#interop/apim/export/write-folder.ts";
import { type DefinitionOptions, report, withDefinitionOptions } from "#cli/definition-options.ts";
import { problem } from "#cli/failure.ts";
import { describeExport } from "./export-summary.ts";
import { readDefinition } from "./read-definition.ts";

interface ExportOptions extends DefinitionOptions {
  readonly output: string;
  readonly check: boolean;
  readonly force: boolean;
  readonly json: boolean;
  readonly partial: boolean;
  readonly form: "rawxml" | "xml";
}

/** `sallyport export apim`: an APIOps folder of the definition. */
export function exportApimCommand(): Command {
  return withDefinitionOptions(new Command("apim"))
    .description("Azure API Management: write an APIOps folder from the definition")
    .option(
      "-o, --output <folder>",
      "the folder; one that an export wrote before is replaced as a whole",
      "apimartifacts",
    )
    .option("--check", "say what would become of everything, and write nothing", false)
    .option("--partial", "leave out APIs and products that cannot be there, instead of writing nothing", false)
    .option("--force", "write into a folder that something else has written", false)
    .addOption(
      new Option("--form <form>", "policies as APIOps publishes them, or as well-formed XML")
        .choices(["rawxml", "xml"])
        .default("rawxml"),
    )
    .option("--json", "print what became of everything as JSON on standard output", false)
    .addHelpText(
      "after",
      `
Examples:
  sallyport export apim --env prod --output apimartifacts
  sallyport export apim --env prod --check
  sallyport export apim --env prod --check --json | jq .impossible`,
    )
    .action(async (options: ExportOptions) => {
      process.exitCode = await run(options);
    });
}

async function run(options: ExportOptions): Promise<number> {
  const read = await readDefinition(options);
  if (!read.ok) {
    report(read, options.json);
    return 1;
  }
  const { definition, open } = read;
  const exported = exportFolder(definition, open, options.form);
  const { impossible } = exported.report;
  const kept = impossible.length === 0 ? exported : options.partial ? withoutRefused(exported, definition) : undefined;
  const refusal =
    kept === undefined || options.check ? undefined : await writeFolder(options.output, kept.files, options.force);
  if (refusal !== undefined) {
    process.stderr.write(
      `${problem(refusal, "export-output", "name a new folder with --output, or add --force: what is not an API's, product's, … stays")}\n`,
    );
    return 1;
  }
  const written = kept === undefined || options.check ? null : options.output;
  process.stdout.write(
    options.json
      ? toJson(exported, written)
      : describeExport({ ...exported, files: kept?.files ?? new Map() }, written),
  );
  return kept === undefined ? 1 : 0;
}

function toJson(
  { files, report: { mapped, changed, left, impossible } }: ReturnType<typeof exportFolder>,
  output: string | null,
): string {
  const problems = impossible.map(({ owner, at, message }) => ({
    owner,
    path: at.file,
    line: at.line,
    column: at.column,
    code: "export-impossible",
    message,
  }));
  return `${JSON.stringify({ output, files: [...files.keys()], mapped, changed, left, impossible: problems }, null, 2)}\n`;
}
