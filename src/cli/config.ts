import { Command } from "commander";
import { diffCommand } from "./admin/diff.ts";
import { applyCommand, rollbackCommand } from "./admin/change.ts";
import { getCommand, historyCommand, validateCommand } from "./admin/read.ts";

/** `sallyport config …`: the configuration of a running gateway. */
export function configCommand(): Command {
  const group = new Command("config")
    .description("read, check, change and roll back the configuration of a running gateway")
    .addHelpText(
      "after",
      "\nExamples:\n  sallyport config get > sallyport.yaml\n  sallyport config apply sallyport.yaml --comment 'raise the limit'\n  sallyport config history\n  sallyport config rollback 12",
    );
  const commands = [
    getCommand(),
    validateCommand(),
    applyCommand(),
    historyCommand(),
    diffCommand(),
    rollbackCommand(),
  ];
  for (const command of commands) group.addCommand(command);
  return group;
}
