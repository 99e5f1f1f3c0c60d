import { Command } from "commander";
import { tailRecords } from "#audit/read/tail.ts";
import { verifyAudit } from "#audit/read/verify.ts";
import { auditFolder, type DataOption, withDataOption } from "./data-option.ts";

/** `sallyport audit …`: the record as a whole. */
export function auditCommand(): Command {
  return new Command("audit").description("verify and read the audit record").addCommand(verifyCommand());
}

interface VerifyOptions extends DataOption {
  readonly json: boolean;
}

function verifyCommand(): Command {
  return withDataOption(new Command("verify"))
    .description("prove that no record was changed, dropped, inserted or reordered; names the first bad one")
    .option("--json", "print the result as JSON", false)
    .addHelpText(
      "after",
      "\nExamples:\n  sallyport audit verify\n  sallyport audit verify --data /var/lib/sallyport --json",
    )
    .action(async (options: VerifyOptions) => {
      const result = await verifyAudit(auditFolder(options));
      process.stdout.write(options.json ? `${JSON.stringify(result, null, 2)}\n` : "");
      process.exitCode = result.ok ? 0 : 1;
    });
}
