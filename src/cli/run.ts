import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import { setImmediate } from "node:timers/promises";
import { Command, Option } from "commander";
import { WorkerReserve } from "#app/worker-reserve.ts";
import { isLoaded } from "#app/definition/read-result.ts";
import { type LogLevel, logLevels } from "#model/logs.ts";
import { type DataOption, type KekOption, withDataOption, withKekOption } from "./data-option.ts";
import { type DefinitionOptions, report, withDefinitionOptions } from "./definition-options.ts";
import { wholeNumber } from "./numbers.ts";

/** More threads than any machine has cores to give them. */
export const maxWorkers = 256;

interface RunOptions extends DefinitionOptions, DataOption, KekOption {
  readonly workers?: number;
  readonly logLevel: LogLevel;
}

/** `sallyport run`: the gateway in the foreground, until SIGINT or SIGTERM. */
export function runCommand(): Command {
  return withKekOption(withDataOption(withDefinitionOptions(new Command("run"))))
    .description("run the gateway in the foreground; SIGHUP reloads, SIGTERM finishes what is in flight and ends")
    .option("-w, --workers <n>", "worker threads (default: one a core)", wholeNumber(1, maxWorkers))
    .addOption(new Option("--log-level <level>", "least level of log lines").choices(logLevels).default("info"))
    .addHelpText(
      "after",
      `
Examples:
  sallyport run
  sallyport run --config gateway/sallyport.yaml --env prod --data /var/lib/sallyport
  sallyport run --workers 1 --log-level warn
  sallyport run --env prod --kek file:/etc/sallyport/kek`,
    )
    .action(async (options: RunOptions) => {
      const file = resolve(options.config);
      // Before anything reads the environment.
      const { takeKekSource } = await import("#app/seal/kek-source.ts");
      const kek = takeKekSource(options.kek, process.env);
      const { recoverConfiguration } = await import("#app/configuration-keeper.ts");
      await recoverConfiguration({ dataPath: options.data, file, logLevel: options.logLevel });
      const { DefinitionReader } = await import("#app/definition/reader.ts");
      const reader = new DefinitionReader({ file, environment: options.env, values: options.set });
      const reading = reader.read();
      // Its thread is to begin before this one is busy.
      await setImmediate();
      const cores = availableParallelism();
      const workers = options.workers ?? cores;
      const reserve = new WorkerReserve();
      // One core is for whoever reads the definition: the first worker is to answer early, and not all of them late.
      reserve.fill(Math.min(workers, Math.max(1, cores - 1)));
      try {
        // The gateway's code is read here while others read the definition and the workers' code.
        const { runGateway } = await import("#app/gateway.ts");
        const first = await reading;
        report(first, false);
        if (!isLoaded(first)) {
          process.exitCode = 1;
          return;
        }
        await runGateway({
          file,
          loaded: first,
          load: (texts) => reader.read(texts),
          entry: (text, question) => reader.entry(text, question),
          dataPath: options.data,
          kek,
          logLevel: options.logLevel,
          workers,
          reserve,
          onReady: ({ summary }) => process.stdout.write(`${summary}\n`),
        });
      } finally {
        await reserve.close();
        await reader.close();
      }
    });
}
