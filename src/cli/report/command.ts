import { Command } from "commander";
import { agentsReport, slowestReport, topDeniedReport } from "./counted.ts";
import { dueKeys, unusedKeys } from "./keys.ts";
import { oldKeysReport } from "./old-keys.ts";

/** `sallyport report`: questions that somebody has each month. */
export function reportCommand(): Command {
  return new Command("report")
    .description("reports of what was counted, and of keys")
    .addCommand(topDeniedReport())
    .addCommand(slowestReport())
    .addCommand(agentsReport())
    .addCommand(unusedKeys())
    .addCommand(dueKeys())
    .addCommand(oldKeysReport());
}
