import { Command } from "commander";
import { driftApimCommand } from "./apim/drift.ts";

/** `sallyport drift …`: whether what runs elsewhere is still what the definition says. */
export function driftCommand(): Command {
  return new Command("drift")
    .description("compare the definition with what runs elsewhere")
    .addCommand(driftApimCommand())
    .addHelpText("after", "\nExamples:\n  sallyport drift apim --env prod --folder apimartifacts");
}
