import { Command, Option } from "commander";
import { configurationOf } from "#interop/apim/export/configuration.ts";
import { type Exported, exportFolder } from "#interop/apim/export/export-folder.ts";
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
  readonly also: readonly string[];
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
    .option(
      "--also <env>",
      "another environment, as configuration.<env>.yaml beside the folder's own (repeatable)",
      append,
      [],
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
  sallyport export apim --env dev --also prod --output apimartifacts
  sallyport export apim --env prod --check
  sallyport export apim --env prod --check --json | jq .impossible`,
    )
    .action(async (options: ExportOptions) => {
      process.exitCode = await run(options);
    });
}

/** For an option that may be repeated. */
function append(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}

async function run(options: ExportOptions): Promise<number> {
  const read = await readDefinition(options);
  if (!read.ok) {
    report(read, options.json);
    return 1;
  }
  const { definition, open } = read;
  const exported = exportFolder(definition, open, options.form);
  const configurations = await configurationsOf(exported, definition.environment, options);
  if (configurations === undefined) return 1;
  const { impossible } = exported.report;
  const kept = impossible.length === 0 ? exported : options.partial ? withoutRefused(exported, definition) : undefined;
  const files = kept === undefined ? undefined : new Map([...kept.files, ...configurations]);
  const refusal =
    files === undefined || options.check ? undefined : await writeFolder(options.output, files, options.force);
  if (refusal !== undefined) {
    const fix = "name a new folder with --output, or add --force: what is not an API's, product's, … stays";
    process.stderr.write(`${problem(refusal, "export-output", fix)}\n`);
    return 1;
  }
  const written = files === undefined || options.check ? null : options.output;
  const made = { ...exported, files: files ?? new Map<string, string>() };
  process.stdout.write(options.json ? toJson(made, written) : describeExport(made, written));
  return kept === undefined ? 1 : 0;
}

/** What the other environments have otherwise; with one at least, the folder's own is named too. */
async function configurationsOf(
  exported: Exported,
  environment: string,
  options: ExportOptions,
): Promise<ReadonlyMap<string, string> | undefined> {
  const made = new Map<string, string>();
  if (options.also.length > 0) made.set(`configuration.${environment}.yaml`, "{}\n");
  for (const other of options.also) {
    const read = await readDefinition({ ...options, env: other });
    if (!read.ok) {
      report(read, options.json);
      return undefined;
    }
    const { text, unsaid } = configurationOf(exported, exportFolder(read.definition, read.open, options.form));
    for (const path of unsaid) {
      const at = { file: options.config, line: 1, column: 1 };
      exported.report.refuse(
        `environments.${other}`,
        at,
        `${path} is another one there: a configuration changes properties alone`,
      );
    }
    made.set(`configuration.${other}.yaml`, text);
  }
  return made;
}

function toJson({ files, report: { mapped, changed, left, impossible } }: Exported, output: string | null): string {
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
