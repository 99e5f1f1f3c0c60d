import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { Command } from "commander";
import { printable } from "#audit/read/terminal-text.ts";
import { openKeyVault } from "#app/key-vault.ts";
import { loadDefinition, type LoadResult } from "#config/load.ts";
import type { Definition } from "#model/definition.ts";
import { type DefinitionOptions, report, withDefinitionOptions } from "./definition-options.ts";

interface CheckOptions extends DefinitionOptions {
  readonly json: boolean;
  readonly secrets: boolean;
}

/** `sallyport check`: all problems of a definition at once. */
export function checkCommand(): Command {
  return withDefinitionOptions(new Command("check"))
    .description("read a definition and report every problem, with its place and the fix")
    .option("--json", "print the problems as JSON on standard output", false)
    .option("--no-secrets", "read no secret: where they are not, as in CI, the rest is checked all the same")
    .addHelpText(
      "after",
      `
Examples:
  sallyport check
  sallyport check --config gateway/sallyport.yaml --env prod
  sallyport check --no-secrets --env prod
  sallyport check --json | jq '.[].code'`,
    )
    .action(async (options: CheckOptions) => {
      const result = await load(options);
      report(result, options.json);
      if (result.definition === null) {
        process.exitCode = 1;
        return;
      }
      if (!options.json) process.stdout.write(`ok: ${describe(result.definition)}\n${exceptionsOf(result.definition)}`);
    });
}

function load(options: CheckOptions): Promise<LoadResult> {
  return loadDefinition({
    file: resolve(options.config),
    ...(options.env === undefined ? {} : { environment: options.env }),
    values: options.set ?? {},
    variables: process.env,
    readFile,
    ...(options.secrets ? { vault: openKeyVault(process.env) } : { withoutSecrets: true }),
  });
}

function describe({ apis, environment }: Definition): string {
  const operations = apis.reduce((sum, api) => sum + api.operations.length, 0);
  return `${counted(apis.length, "API")}, ${counted(operations, "operation")} (environment ${environment})`;
}

/** Where this environment's policies are others on purpose: whoever checks it is told. */
function exceptionsOf({ exceptions = [] }: Definition): string {
  return exceptions
    .map(
      ({ name, place, instead, value, reason, approvedBy, until }) =>
        `exception ${name}: ${place} is ${value}${instead === null ? "" : ` instead of ${instead}`} until ${until}, approved by ${approvedBy}: ${reason}`,
    )
    .map((line) => `${printable(line)}\n`)
    .join("");
}

function counted(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? "" : "s"}`;
}
