import { Command } from "commander";
import { exportApimCommand } from "./apim/export.ts";
import { exportCaddyCommand } from "./caddy/export.ts";

/** `sallyport export …`: the definition for other gateways. */
export function exportCommand(): Command {
  return new Command("export")
    .description("write the definition for another gateway")
    .addCommand(exportApimCommand())
    .addCommand(exportCaddyCommand())
    .addHelpText(
      "after",
      "\nExamples:\n  sallyport export apim --env prod --output apimartifacts\n  sallyport export caddy --env prod > Caddyfile",
    );
}
