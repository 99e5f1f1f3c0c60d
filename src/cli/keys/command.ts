import { Command } from "commander";
import { endOldCommand } from "./end-old.ts";
import { regenerateCommand } from "./regenerate.ts";
import { rotateCommand } from "./rotate.ts";
import { statusCommand } from "./status.ts";

/** `sallyport keys`: the keys of a subscription. */
export function keysCommand(): Command {
  return new Command("keys")
    .description("show and change the keys of a subscription of a running gateway")
    .addCommand(statusCommand())
    .addCommand(rotateCommand())
    .addCommand(endOldCommand())
    .addCommand(regenerateCommand());
}
