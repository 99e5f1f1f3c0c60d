import { Command } from "commander";
import { compareCommand } from "./compare.ts";
import { reportCommand } from "./report.ts";

/** `sallyport shadow`: moving from another gateway to this one. */
export function shadowCommand(): Command {
  return new Command("shadow")
    .description("compare what an old gateway answers with what this one does")
    .addCommand(compareCommand())
    .addCommand(reportCommand());
}
