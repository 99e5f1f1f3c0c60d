import { writeFileSync } from "node:fs";
import { Command, Option } from "commander";
import { withExitCodes } from "#cli/exit-codes.ts";
import { makeReport } from "#app/report/make-report.ts";
import { reportPage } from "#audit/report/report-page.ts";
import { reportTable } from "#audit/report/report-table.ts";
import type { AuditReport } from "#audit/report/report.ts";
import { verifyAudit } from "#audit/read/verify.ts";
import { diffFiles } from "#cli/admin/text-diff.ts";
import { withProgress } from "#cli/admin/progress.ts";
import { auditFolder, type DataOption, withDataOption } from "#cli/data-option.ts";
import { type TimeRangeOptions, timeRangeOf, withTimeRange } from "#cli/time-range.ts";
import { withIndex } from "./record-query.ts";
import { BadInput, type KeyOption, keysOf, withInput, withKeyOption } from "./trust.ts";

const formats: Readonly<Record<string, (report: AuditReport) => string>> = {
  html: reportPage,
  json: (report) => `${JSON.stringify(report, null, 2)}\n`,
  csv: reportTable,
};

interface ReportCommandOptions extends DataOption, KeyOption, TimeRangeOptions {
  readonly format: string;
  readonly out?: string;
}

const examples = `
Examples:
  sallyport audit report --from 2026-01-01 --to 2026-04-01 --out first-quarter.html
  sallyport audit report --last 30d --format json | jq .activity.denied`;
const exitCodes = "0 done, 1 the record was altered: the report is written and says where, 2 wrong usage.";

/** `sallyport audit report`: what an auditor asks for, on one page. */
export function reportCommand(): Command {
  return withExitCodes(withKeyOption(withTimeRange(withDataOption(new Command("report")))), exitCodes)
    .description(
      "write evidence for auditors: who could reach what, who did, approvals, keys, configuration changes, and whether the record is whole",
    )
    .addOption(
      new Option("--format <format>", "one page, JSON, or one table").choices(Object.keys(formats)).default("html"),
    )
    .option("-o, --out <file>", "where to (default: standard output); what is there is replaced")
    .addHelpText("after", examples)
    .action((options: ReportCommandOptions) =>
      withInput(async () => {
        const folder = auditFolder(options);
        const format = formats[options.format];
        if (folder === undefined || format === undefined) return;
        const keys = await keysOf(options, folder);
        const verification = await withProgress("verifying the record", verifyAudit(folder, { keys }));
        const now = Date.now();
        const { fromMs, toMs } = timeRangeOf(options, now);
        if (fromMs >= now) throw new BadInput("range-empty", "--from lies in the future", "name a time before now");
        const report = await withIndex(options.data, folder, (index) =>
          makeReport({
            dataPath: options.data,
            index,
            fromMs,
            toMs: Math.min(toMs, now),
            now,
            verification,
            diff: diffFiles,
          }),
        );
        const text = format(report);
        if (options.out === undefined) process.stdout.write(text);
        else writeFileSync(options.out, text, { mode: 0o600 });
        process.exitCode = verification.ok ? 0 : 1;
      }),
    );
}
