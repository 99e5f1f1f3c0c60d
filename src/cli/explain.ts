import { Command } from "commander";
import { explainRecord } from "#audit/read/explain.ts";
import { findRecord } from "#audit/read/find.ts";
import { auditFolder, type DataOption, withDataOption } from "./data-option.ts";

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
      const record = await findRecord(auditFolder(options), id);
      if (record === undefined) {
        process.stderr.write(
          `sallyport: no record of ${id} in ${auditFolder(options)}; a record is written within a tenth of a second (record-not-found)\n`,
        );
        process.exitCode = 1;
        return;
      }
      const text = options.json ? JSON.stringify(record, null, 2) : explainRecord(record).trimEnd();
      process.stdout.write(`${text}\n`);
    });
}
