import { Command } from "commander";
import { checkProofCommand } from "./audit/check-proof.ts";
import { keyCommand } from "./audit/key.ts";
import { proveCommand } from "./audit/prove.ts";
import { tailCommand } from "./audit/tail.ts";
import { verifyCommand } from "./audit/verify.ts";
import { exportCommand } from "./audit/export.ts";
import { reportCommand } from "./audit/report.ts";
import { sessionCommand } from "./audit/session.ts";
import { searchCommand } from "./audit/search.ts";

/** `sallyport audit …`: the record as a whole. */
export function auditCommand(): Command {
  return new Command("audit")
    .description("verify and read the audit record")
    .addCommand(verifyCommand())
    .addCommand(proveCommand())
    .addCommand(checkProofCommand())
    .addCommand(keyCommand())
    .addCommand(tailCommand())
    .addCommand(searchCommand())
    .addCommand(exportCommand())
    .addCommand(reportCommand())
    .addCommand(sessionCommand())
    .addHelpText(
      "after",
      "\nExamples:\n  sallyport audit verify\n  sallyport audit tail --last 5\n  sallyport audit search 'status >= 500' --last 1h",
    );
}
