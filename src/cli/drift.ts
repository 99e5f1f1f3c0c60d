import { Command } from "commander";
import { driftApimCommand } from "./apim/drift.ts";
import { driftCaddyCommand } from "./caddy/drift.ts";
import { driftNodesCommand } from "./drift/nodes.ts";

/** `sallyport drift …`: whether what runs elsewhere is still what the definition says. */
export function driftCommand(): Command {
  return new Command("drift")
    .description("compare the definition with what runs elsewhere")
    .addCommand(driftNodesCommand())
    .addCommand(driftCaddyCommand())
    .addCommand(driftApimCommand())
    .addHelpText(
      "after",
      "\nExamples:\n  sallyport drift nodes --env prod\n  sallyport drift caddy --env prod\n  sallyport drift apim --env prod --folder apimartifacts",
    );
}
