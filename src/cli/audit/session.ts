import { Command } from "commander";
import { explainSession } from "#audit/read/explain-session.ts";
import { eachRecord } from "#audit/read/search.ts";
import { traceSession } from "#audit/read/session-trace.ts";
import { paint } from "#audit/read/terminal-text.ts";
import { withProgress } from "#cli/admin/progress.ts";
import { auditFolder, type DataOption, withDataOption } from "#cli/data-option.ts";
import { problem } from "#cli/failure.ts";
import { isColored } from "#cli/terminal.ts";
import { type TimeRangeOptions, timeRangeOf, withTimeRange } from "#cli/time-range.ts";

interface SessionOptions extends DataOption, TimeRangeOptions {
  readonly json: boolean;
}

const examples = `
Any name of the login will do: sessionId, tokenId or tokenDigest of a record, or a session of sallyport sessions list.

Examples:
  sallyport audit session Vq3v0cVJb1uU0n9kQm8y3w
  sallyport audit session fqiBqXLPj0eQa82S-IYFAA --last 30d
  sallyport audit session Vq3v0cVJb1uU0n9kQm8y3w --json | jq -r '.tokens[].digest'`;

/** `sallyport audit session ID`: every token of one login, and all they did. */
export function sessionCommand(): Command {
  return withTimeRange(withDataOption(new Command("session")))
    .description("list every token of one login (refreshed, exchanged and agents' ones too), and all they did")
    .argument("<id>", "id of a session or a token, or a token's digest")
    .option("--json", "print it as JSON", false)
    .addHelpText("after", examples)
    .action(async (id: string, options: SessionOptions) => {
      const folder = auditFolder(options);
      if (folder === undefined) return;
      const range = timeRangeOf(options, Date.now());
      const each: Parameters<typeof traceSession>[0] = (query, onMatch) =>
        eachRecord(folder, undefined, query, onMatch);
      const trace = await withProgress("reading the record", traceSession(each, id, range));
      if (trace.requests + trace.events.length === 0) {
        const fix = "it is sessionId, tokenId or tokenDigest of a record; is this the right --data folder?";
        process.stderr.write(`${problem("the record knows no such session or token", "session-unknown", fix)}\n`);
        process.exitCode = 1;
        return;
      }
      const text = options.json
        ? `${JSON.stringify(trace, null, 2)}\n`
        : explainSession(trace, paint(isColored(process.stdout)));
      process.stdout.write(text);
    });
}
