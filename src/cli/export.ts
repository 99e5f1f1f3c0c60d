import { Command } from "commander";
import { exportApimCommand } from "./apim/export.ts";

/** `sallyport export …`: the definition for other gateways. */
export function exportCommand(): Command {
  return new Command("export")
    .description("write the definition for another gateway")
    .addCommand(exportApimCommand())
    .addHelpText("after", "\nExamples:\n  sallyport export apim --env prod --output apimartifacts");
}
