import { Command } from "commander";
import { keyCommand } from "./audit/key.ts";
import { tailCommand } from "./audit/tail.ts";
import { verifyCommand } from "./audit/verify.ts";

/** `sallyport audit …`: the record as a whole. */
export function auditCommand(): Command {
  return new Command("audit")
    .description("verify and read the audit record")
    .addCommand(verifyCommand())
    .addCommand(keyCommand())
    .addCommand(tailCommand())
    .addHelpText("after", "\nExamples:\n  sallyport audit verify\n  sallyport audit tail --last 5");
}
