import { Command } from "commander";
import { explainRecord } from "#audit/read/explain.ts";
import { maxTail, tailRecords } from "#audit/read/tail.ts";
import { auditFolder, type DataOption, withDataOption } from "#cli/data-option.ts";
import { wholeNumber } from "#cli/numbers.ts";
import { isColored } from "#cli/terminal.ts";

export function tailCommand(): Command {
  return withDataOption(new Command("tail"))
    .description("show the newest records")
    .option("-n, --last <n>", "how many", wholeNumber(1, maxTail), 10)
    .option("--json", "print them as JSON lines", false)
    .addHelpText(
      "after",
      "\nExamples:\n  sallyport audit tail\n  sallyport audit tail --last 100 --json | jq -r .reasons[]",
    )
    .action(async (options: DataOption & { readonly last: number; readonly json: boolean }) => {
      const folder = auditFolder(options);
      if (folder === undefined) return;
      const entries = await tailRecords(folder, options.last);
      const color = isColored(process.stdout);
      const texts = entries.map((entry) =>
        options.json ? JSON.stringify(entry) : explainRecord(entry, { color }).trimEnd(),
      );
      if (texts.length > 0) process.stdout.write(`${texts.join(options.json ? "\n" : "\n\n")}\n`);
    });
}
