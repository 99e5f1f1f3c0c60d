import { Command, InvalidArgumentError } from "commander";
import { runGateway } from "#app/gateway.ts";
import { type DataOption, withDataOption } from "./data-option.ts";
import { type DefinitionOptions, load, report, withDefinitionOptions } from "./definition-options.ts";

interface RunOptions extends DefinitionOptions, DataOption {
  readonly workers?: number;
  readonly logLevel: "info" | "warn" | "error";
}

/** `sallyport run`: the gateway in the foreground, until SIGINT or SIGTERM. */
export function runCommand(): Command {
  return withDataOption(withDefinitionOptions(new Command("run")))
    .description("run the gateway in the foreground; SIGHUP reloads, SIGTERM finishes what is in flight and ends")
    .option("-w, --workers <n>", "worker threads (default: one a core)", count)
    .option("--log-level <level>", "info, warn or error", "info")
    .addHelpText(
      "after",
      `
Examples:
  sallyport run
  sallyport run --config gateway/sallyport.yaml --env prod --data /var/lib/sallyport
  sallyport run --workers 1 --log-level warn`,
    )
    .action(async (options: RunOptions) => {
      const first = await load(options);
      report(first, false);
      if (first.definition === null) {
        process.exitCode = 1;
        return;
      }
      await runGateway({
        definition: first.definition,
        reload: () => load(options),
        dataPath: options.data,
        logLevel: options.logLevel,
        ...(options.workers === undefined ? {} : { workers: options.workers }),
        onReady: ({ summary }) => process.stdout.write(`${summary}\n`),
      });
    });
}

function count(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 256) throw new InvalidArgumentError("a number from 1 to 256.");
  return value;
}
