import { Command } from "commander";
import { explainRecord } from "#audit/read/explain.ts";
import { findRecord, wasRetired } from "#audit/read/find.ts";
import { auditFolder, type DataOption, withDataOption } from "./data-option.ts";
import { problem } from "./failure.ts";
import { isColored } from "./terminal.ts";

/** `sallyport explain ID`: why a request was let through or refused. */
export function explainCommand(): Command {
  return withDataOption(new Command("explain"))
    .description(
      "show each hand-over of one request: who decided what, with which values, and what would have to change",
    )
    .argument("<id>", "the request id: X-Request-Id of the response")
    .option("--json", "print the record itself", false)
    .addHelpText(
      "after",
      `
Examples:
  sallyport explain 0198c1f2-7c3a-7e51-9a51-3f8f0f6f2b11
  sallyport explain --json 0198c1f2-7c3a-7e51-9a51-3f8f0f6f2b11 | jq .reasons`,
    )
    .action(async (id: string, options: DataOption & { readonly json: boolean }) => {
      const folder = auditFolder(options);
      if (folder === undefined) return;
      const record = await findRecord(folder, id);
      if (record === undefined) {
        process.stderr.write(
          `${problem(`no record of ${printable(id)} in ${folder}`, "record-not-found", await fixFor(folder, id))}\n`,
        );
        process.exitCode = 1;
        return;
      }
      const color = isColored(process.stdout);
      const text = options.json ? JSON.stringify(record, null, 2) : explainRecord(record, { color }).trimEnd();
      process.stdout.write(`${text}\n`);
    });
}

async function fixFor(folder: string, id: string): Promise<string> {
  if (await wasRetired(folder, id)) {
    return "it is older than what audit.retention keeps: look into a backup, or where the record is sent to";
  }
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id)
    ? "a record is written within a tenth of a second of the answer's end; is this the right --data folder?"
    : "an id is the X-Request-Id of an answer, such as 0198c1f2-7c3a-7e51-9a51-3f8f0f6f2b11";
}

/** Ids are pasted from anywhere: they must not steer the terminal. */
function printable(text: string): string {
  return text.slice(0, 80).replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, " ");
}
