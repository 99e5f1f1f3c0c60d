import { Command } from "commander";
import { maxTail, tailRecords } from "#audit/read/tail.ts";
import { explainRecord } from "#audit/read/explain.ts";
import { verifyAudit, type VerifyResult } from "#audit/read/verify.ts";
import { auditFolder, type DataOption, withDataOption } from "./data-option.ts";
import { wholeNumber } from "./numbers.ts";
import { isColored } from "./terminal.ts";

/** `sallyport audit …`: the record as a whole. */
export function auditCommand(): Command {
  return new Command("audit")
    .description("verify and read the audit record")
    .addCommand(verifyCommand())
    .addCommand(tailCommand())
    .addHelpText("after", "\nExamples:\n  sallyport audit verify\n  sallyport audit tail --last 5");
}

function verifyCommand(): Command {
  return withDataOption(new Command("verify"))
    .description("prove that no record was changed, dropped, inserted or reordered; names the first bad one")
    .option("--json", "print the result as JSON", false)
    .addHelpText(
      "after",
      "\nExamples:\n  sallyport audit verify\n  sallyport audit verify --data /var/lib/sallyport --json",
    )
    .action(async (options: DataOption & { readonly json: boolean }) => {
      const folder = auditFolder(options);
      if (folder === undefined) return;
      const result = await verifyAudit(folder);
      process.stdout.write(options.json ? `${JSON.stringify(result, null, 2)}\n` : describeResult(result));
      process.exitCode = result.ok ? 0 : 1;
    });
}

function describeResult(result: VerifyResult): string {
  const { ok, records, segments, firstBad, gaps, gapCount, tornTail, closed, head } = result;
  const lines = [`${ok ? "ok" : "BAD"}: ${records} records in ${segments} ${segments === 1 ? "segment" : "segments"}`];
  if (firstBad !== undefined) {
    const { file, line, seq, problem, detail } = firstBad;
    lines.push(`first bad record: ${file}:${line} (number ${seq}), ${problem}: ${detail}`);
  }
  for (const gap of gaps.slice(-5)) lines.push(`gap at ${gap.time} after number ${gap.afterSeq}: ${gap.why}`);
  if (gapCount > 5) lines.push(`${gapCount} gaps in all; the newest five are shown`);
  if (tornTail)
    lines.push("the last line is not whole: the gateway is writing, or was killed; its next start sets that right");
  if (ok)
    lines.push(
      `${closed ? "closed in order" : "not closed: the gateway runs, or was killed"}; head ${head.seq} ${head.hash}`,
    );
  return `${lines.join("\n")}\n`;
}

function tailCommand(): Command {
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
