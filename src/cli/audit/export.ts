import { once } from "node:events";
import { Command, Option } from "commander";
import { csvHead, csvLine } from "#audit/read/csv.ts";
import { ocsfOf } from "#audit/read/ocsf.ts";
import { eachRecord } from "#audit/read/search.ts";
import type { Found } from "#audit/read/search-query.ts";
import { auditFolder, type DataOption, withDataOption } from "#cli/data-option.ts";
import { recordQuery, withIndex } from "./record-query.ts";
import { type TimeRangeOptions, withTimeRange } from "#cli/time-range.ts";

interface Format {
  readonly head?: string;
  readonly line: (record: Found) => string;
}

const formats: Readonly<Record<string, Format>> = {
  jsonl: { line: (record) => JSON.stringify(record) },
  ocsf: { line: (record) => JSON.stringify(ocsfOf(record)) },
  csv: { head: csvHead, line: csvLine },
};

interface ExportOptions extends DataOption, TimeRangeOptions {
  readonly format: string;
}

/** `sallyport audit export`: all that matches, for other programs. */
export function exportCommand(): Command {
  return withTimeRange(withDataOption(new Command("export")))
    .description("write every record that matches to standard output, oldest first, for other programs")
    .argument("[filter]", "in CEL, as for `audit search`; every record when left out")
    .addOption(
      new Option("--format <format>", "jsonl: as recorded; ocsf: events of the Open Cybersecurity Schema Framework 1.5")
        .choices(Object.keys(formats))
        .default("jsonl"),
    )
    .addHelpText(
      "after",
      `
Examples:
  sallyport audit export --format ocsf --from 2026-03-01 --to 2026-03-02 > events.jsonl
  sallyport audit export 'decision == "deny"' --last 7d --format csv > denied.csv`,
    )
    .action(async (filter: string | undefined, options: ExportOptions) => {
      const directory = auditFolder(options);
      const query = directory === undefined ? undefined : recordQuery(filter, options);
      const format = formats[options.format];
      if (directory === undefined || query === undefined || format === undefined) return;
      if (format.head !== undefined) await write(format.head);
      await withIndex(options.data, directory, (index) =>
        eachRecord(directory, index, query, (record) => write(format.line(record))),
      );
    });
}

/** Waits for whoever reads: memory is bounded however much there is. */
async function write(line: string): Promise<void> {
  if (!process.stdout.write(`${line}\n`)) await once(process.stdout, "drain");
}
