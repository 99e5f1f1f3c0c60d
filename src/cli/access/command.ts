import { Command } from "commander";
import { testCommand } from "./test-command.ts";

/** `sallyport access`: who may call what. */
export function accessCommand(): Command {
  return new Command("access").description("test who may call what").addCommand(testCommand());
}
