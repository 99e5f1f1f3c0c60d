import { setTimeout as wait } from "node:timers/promises";
import { Command, Option } from "commander";
import { compareFacts, type Drifted } from "#interop/apim/drift/compare.ts";
import { type Facts, factsOf } from "#interop/apim/drift/facts.ts";
import { factsOfService, withoutOthers } from "#interop/apim/drift/service-facts.ts";
import { withOverrides } from "#interop/apim/drift/with-overrides.ts";
import { exportFolder } from "#interop/apim/export/export-folder.ts";
import { withoutRefused } from "#interop/apim/export/without-refused.ts";
import { readArtifacts } from "#interop/apim/import/artifacts.ts";
import { ManagementClient } from "#interop/apim/management/client.ts";
import { ManagementFailure } from "#interop/apim/management/failure.ts";
import { readService } from "#interop/apim/management/read-service.ts";
import { type DefinitionOptions, report, withDefinitionOptions } from "#cli/definition-options.ts";
import { withExitCodes } from "#cli/exit-codes.ts";
import { problem } from "#cli/failure.ts";
import { type FindingFiles, withFindingFiles, writeFindings } from "#cli/findings/output.ts";
import { driftFindings } from "./drift-findings.ts";
import { describeDrift } from "./drift-summary.ts";
import { describeExport } from "./export-summary.ts";
import { readDefinition } from "./read-definition.ts";

interface DriftOptions extends DefinitionOptions, FindingFiles {
  readonly folder?: string;
  readonly management?: string;
  readonly tokenEnv: string;
  readonly apiVersion: string;
  readonly partial: boolean;
  readonly json: boolean;
}

/** Both sides of a comparison. */
interface Sides {
  readonly expected: Facts;
  readonly actual: Facts;
}

/** Why nothing was compared: printed already, or to be. */
class NothingCompared extends Error {}

/** `sallyport drift apim`: an APIOps folder or a service, and the definition. */
export function driftApimCommand(): Command {
  const command = withFindingFiles(withDefinitionOptions(new Command("apim")))
    .description("Azure API Management: compare an APIOps folder or a service with what the definition exports")
    .addOption(new Option("--folder <folder>", "an APIOps folder, as an extractor writes it").conflicts("management"))
    .option(
      "--management <url>",
      "the service in the management API: https://management.azure.com/subscriptions/…/service/<name>",
    )
    .option(
      "--token-env <name>",
      "environment variable that holds a token for the management API",
      "AZURE_MANAGEMENT_TOKEN",
    )
    .option("--api-version <version>", "version of the management API", "2022-08-01")
    .option("--partial", "compare without the APIs and products that cannot be there", false)
    .option("--json", "print what differs as JSON on standard output", false)
    .addHelpText(
      "after",
      `
Examples:
  sallyport drift apim --env prod --folder apimartifacts
  AZURE_MANAGEMENT_TOKEN=$(az account get-access-token --query accessToken -o tsv) \\
    sallyport drift apim --env prod --management https://management.azure.com/subscriptions/…/service/contoso
  sallyport drift apim --env prod --folder apimartifacts --json | jq '.differences[].path'`,
    )
    .action(async (options: DriftOptions, self: Command) => {
      if ((options.folder === undefined) === (options.management === undefined)) {
        self.error("error: name what to compare with: --folder <folder> or --management <url>");
      }
      process.exitCode = await run(options);
    });
  return withExitCodes(command, "0 nothing differs, 1 something does, 2 wrong usage or nothing to compare.");
}

async function run(options: DriftOptions): Promise<number> {
  try {
    const { expected, actual } = await bothSides(options);
    const differences = compareFacts(expected, actual);
    const against = options.folder ?? options.management ?? "";
    await writeFindings(driftFindings(differences, against, new Date().toISOString()), options);
    return print(differences, against, options);
  } catch (error) {
    if (error instanceof ManagementFailure) process.stderr.write(`${problem(error.message, error.code, error.fix)}\n`);
    else if (!(error instanceof NothingCompared)) throw error;
    else if (error.message !== "") process.stderr.write(`${error.message}\n`);
    return 2;
  }
}

async function bothSides(options: DriftOptions): Promise<Sides> {
  const { expected, environment } = await expectedFacts(options);
  const { folder, management } = options;
  if (management === undefined) {
    const actual = await factsOfFolder(folder ?? "", environment);
    return { expected: asExtracted(expected, actual), actual };
  }
  const service = await readService(clientFor(management, options));
  return { expected: withoutOthers(expected, service), actual: factsOfService(service) };
}

async function expectedFacts(
  options: DriftOptions,
): Promise<{ readonly expected: Facts; readonly environment: string }> {
  const read = await readDefinition(options);
  if (!read.ok) {
    report(read, false);
    throw new NothingCompared("");
  }
  const exported = exportFolder(read.definition, read.open, "rawxml");
  const { impossible } = exported.report;
  const kept =
    impossible.length === 0 ? exported : options.partial ? withoutRefused(exported, read.definition) : undefined;
  if (kept === undefined) throw new NothingCompared(describeExport({ ...exported, files: new Map() }, null).trimEnd());
  return { expected: factsOf(kept.files), environment: read.definition.environment };
}

async function factsOfFolder(folder: string, environment: string): Promise<Facts> {
  const artifacts = await readArtifacts(folder).catch((error: NodeJS.ErrnoException) => {
    throw new NothingCompared(
      problem(`${folder} cannot be read: ${error.code ?? ""}`, "import-folder", "name the folder that holds apis"),
    );
  });
  if (typeof artifacts === "string") {
    throw new NothingCompared(problem(artifacts, "import-folder", "name the folder that holds apis"));
  }
  return factsOf(withOverrides(artifacts, environment));
}

/** An extractor leaves schemas out: a folder without any says nothing of them. */
function asExtracted(expected: Facts, actual: Facts): Facts {
  const isSchema = (path: string): boolean => path.startsWith("schemas/");
  if ([...actual.keys()].some(isSchema)) return expected;
  return new Map([...expected].filter(([path]) => !isSchema(path)));
}

/** The token comes from the environment: arguments are shown to every user of the machine. */
function clientFor(url: string, { tokenEnv, apiVersion }: DriftOptions): ManagementClient {
  const token = process.env[tokenEnv] ?? "";
  if (!/^[\x21-\x7e]+$/.test(token)) {
    throw new NothingCompared(
      problem(
        `the environment variable ${tokenEnv} holds no token`,
        "management-token",
        `set ${tokenEnv}, or name another with --token-env`,
      ),
    );
  }
  return new ManagementClient({ url, token, apiVersion }, { fetch, wait: (milliseconds) => wait(milliseconds) });
}

function print(differences: readonly Drifted[], against: string, { json }: DriftOptions): number {
  const isSame = differences.length === 0;
  process.stdout.write(
    json ? `${JSON.stringify({ against, same: isSame, differences }, null, 2)}\n` : describeDrift(differences, against),
  );
  return isSame ? 0 : 1;
}
