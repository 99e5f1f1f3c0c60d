import { Command } from "commander";
import { printable } from "#audit/read/terminal-text.ts";
import { wholeNumber } from "#cli/numbers.ts";
import { bodyOf, type Configuration, type FlatDiagnostic, type HistoryEntry, show } from "./answers.ts";
import { adminCommand, type JsonOption, print, reporting } from "./command.ts";
import { type AdminOptions, askGateway } from "./connection.ts";
import { readLocal } from "./local-files.ts";
import { withProgress } from "./progress.ts";

type Options = AdminOptions & JsonOption;

/** The configuration in force, or an earlier one. */
export async function readConfiguration(options: AdminOptions, id?: number): Promise<Configuration> {
  const path = id === undefined ? "/config" : `/config/history/${id}`;
  return bodyOf(await askGateway(options, "GET", path, { headers: { Accept: "application/json" } }));
}

export function getCommand(): Command {
  const examples =
    "  sallyport config get > sallyport.yaml\n  sallyport config get --id 12\n  sallyport config get --json | jq -r .hash";
  return adminCommand(new Command("get"), examples)
    .description("print the definition in force, as it was written; with --json all files and the hash")
    .option("--id <n>", "an earlier one, by its number in the history", wholeNumber(1, 1e9))
    .action((options: Options & { readonly id?: number }) =>
      reporting(async () => {
        const configuration = await readConfiguration(options, options.id);
        const text = configuration.files[configuration.definition] ?? "";
        print(options, `${JSON.stringify(configuration, null, 2)}\n`, text);
      }),
    );
}

export function validateCommand(): Command {
  const examples =
    "  sallyport config validate sallyport.yaml\n  sallyport config validate sallyport.yaml --json | jq '.diagnostics[].code'";
  return adminCommand(new Command("validate"), examples)
    .description("have the gateway check a definition with its own secrets and environment; nothing changes")
    .argument("<file>", "the definition; OpenAPI and policy documents beside it come along")
    .action((file: string, options: Options) =>
      reporting(async () => {
        const { files, locate } = await readLocal(file, await readConfiguration(options));
        const headers = { "Content-Type": "application/json" };
        const asked = askGateway(options, "POST", "/config/validate", { headers, body: JSON.stringify({ files }) });
        const reply = await withProgress("validating", asked);
        const result = bodyOf<{ readonly valid: boolean; readonly diagnostics: readonly FlatDiagnostic[] }>(reply);
        if (!options.json) process.stderr.write(show(result.diagnostics, locate));
        print(options, reply.text, result.valid ? "ok\n" : "");
        process.exitCode = result.valid ? 0 : 1;
      }),
    );
}

export function historyCommand(): Command {
  const examples = "  sallyport config history\n  sallyport config history --limit 5 --json | jq '.entries[].comment'";
  return adminCommand(new Command("history"), examples)
    .description("list the configurations that were in force, the newest first")
    .option("-n, --limit <n>", "how many", wholeNumber(1, 99_999), 20)
    .action((options: Options & { readonly limit: number }) =>
      reporting(async () => {
        const reply = await askGateway(options, "GET", `/config/history?limit=${options.limit}`);
        const { current, entries } = bodyOf<{ readonly current: number; readonly entries: readonly HistoryEntry[] }>(
          reply,
        );
        print(options, reply.text, table(entries, current));
      }),
    );
}

function table(entries: readonly HistoryEntry[], current: number): string {
  const rows = entries.map(({ id, time, hash, action, from, author, comment }) => [
    `${id}${id === current ? " *" : ""}`,
    time,
    hash.slice(0, 12),
    from === undefined ? action : `${action} to ${from}`,
    author,
    comment,
  ]);
  const all = [["id", "time", "hash", "action", "author", "comment"], ...rows].map((row) => row.map(printable));
  const widths = all[0]?.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0))) ?? [];
  return all
    .map(
      (row) =>
        `${row
          .map((cell, at) => cell.padEnd(widths[at] ?? 0))
          .join("  ")
          .trimEnd()}\n`,
    )
    .join("");
}
