import { type Command, InvalidArgumentError, Option } from "commander";
import { diagnosticsToJson, formatDiagnostics } from "#config/format.ts";
import type { LoadResult } from "#config/load.ts";
import { isColored } from "./terminal.ts";

/** Options of every command that reads a definition. */
export interface DefinitionOptions {
  readonly config: string;
  readonly env?: string;
  readonly set?: Readonly<Record<string, string>>;
}

export function withDefinitionOptions(command: Command): Command {
  return command
    .option("-c, --config <file>", "the definition", "sallyport.yaml")
    .option("-e, --env <name>", "the environment; needed when the definition has several")
    .addOption(
      new Option("--set <name=value>", "override a value of the environment (repeatable; not for secrets)").argParser(
        collect,
      ),
    );
}

/** For `--set name=value`, which may be repeated. */
export function collect(
  pair: string,
  before: Readonly<Record<string, string>> | undefined,
): Readonly<Record<string, string>> {
  const at = pair.indexOf("=");
  if (at < 1) throw new InvalidArgumentError("It takes name=value.");
  return { ...before, [pair.slice(0, at)]: pair.slice(at + 1) };
}

/** Prints every problem: for people on stderr, or as JSON on stdout. */
export function report(result: Pick<LoadResult, "diagnostics">, json: boolean): void {
  if (json) {
    process.stdout.write(`${JSON.stringify(diagnosticsToJson(result.diagnostics), null, 2)}\n`);
  } else if (result.diagnostics.length > 0) {
    process.stderr.write(
      formatDiagnostics(result.diagnostics, { color: isColored(process.stderr), cwd: process.cwd() }),
    );
  }
}
