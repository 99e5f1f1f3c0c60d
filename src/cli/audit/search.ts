import { Command } from "commander";
import { followRecords } from "#audit/read/follow.ts";
import { endOfRecord } from "#audit/read/stretch.ts";
import { recordLine } from "#audit/read/record-line.ts";
import { searchRecords } from "#audit/read/search.ts";
import { paint } from "#audit/read/terminal-text.ts";
import type { Found } from "#audit/read/search-query.ts";
import { auditFolder, type DataOption, withDataOption } from "#cli/data-option.ts";
import { wholeNumber } from "#cli/numbers.ts";
import { recordQuery, withIndex } from "./record-query.ts";
import { isColored } from "#cli/terminal.ts";
import { type TimeRangeOptions, withTimeRange } from "#cli/time-range.ts";

interface SearchOptions extends DataOption, TimeRangeOptions {
  readonly limit: number;
  readonly json: boolean;
  readonly follow: boolean;
}

const examples = `
Examples:
  sallyport audit search 'decision == "deny" && principal.subject == "svc-billing"'
  sallyport audit search 'status >= 500' --last 1h
  sallyport audit search '"access-denied" in reasons' --from 2026-03-01 --to 2026-03-02 --json | jq -r .id
  sallyport audit search 'route.api == "orders"' --follow
  sallyport audit search 'event.startsWith("key.")' --last 30d

A filter is CEL over the members of a record: id, time, principal.id, principal.subject, principal.groups, sessionId,
tokenId, clientId, subscription, oldKey, product, route.api, route.operation, method, host, path, client, decision, reasons,
status, durationMs, bytesOut, upstream.name, handovers and so on, as --json shows them. Events have event and details.`;

/** `sallyport audit search`: the newest records that match. */
export function searchCommand(): Command {
  return withTimeRange(withDataOption(new Command("search")))
    .description("find records by a filter and a range of time; the newest that match, oldest of them first")
    .argument("[filter]", "in CEL; every record when left out")
    .option("-n, --limit <n>", "at most so many", wholeNumber(1, 100_000), 100)
    .option("-f, --follow", "go on with what is recorded from now on, until interrupted", false)
    .option("--json", "print the records as JSON lines", false)
    .addHelpText("after", examples)
    .action(async (filter: string | undefined, options: SearchOptions) => {
      const directory = auditFolder(options);
      const query = directory === undefined ? undefined : recordQuery(filter, options);
      if (directory === undefined || query === undefined) return;
      // Nothing that is recorded meanwhile is missed: what follows begins where the record ends now.
      const place = await endOfRecord(directory);
      const result = await withIndex(options.data, directory, (index) =>
        searchRecords(directory, index, query, options.limit),
      );
      const print = printer(options.json);
      for (const record of result.records) print(record);
      if (result.more) process.stderr.write(`older ones match too: --limit ${options.limit * 10}, or --to\n`);
      if (options.follow) await followRecords(directory, place, { ...query, signal: interrupted() }, print);
    });
}

/** What was found and what follows may overlap: each record is printed once. */
function printer(json: boolean): (record: Found) => void {
  const brush = paint(isColored(process.stdout));
  let printed = 0;
  return (record) => {
    if (record.seq <= printed) return;
    printed = record.seq;
    process.stdout.write(`${json ? JSON.stringify(record) : recordLine(record, brush)}\n`);
  };
}

/** Following ends in order, with exit code 0. */
function interrupted(): AbortSignal {
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stop.abort());
  return stop.signal;
}
