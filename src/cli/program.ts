import { readFileSync } from "node:fs";
import { Command } from "commander";
import { auditCommand } from "./audit.ts";
import { checkCommand } from "./check.ts";
import { explainCommand } from "./explain.ts";
import { runCommand } from "./run.ts";
import { schemaCommand } from "./schema.ts";

/** The command line: one file a command, each with examples in its help. Usage errors end with 2, failures with 1. */
export function createProgram(): Command {
  const program = new Command("sallyport")
    .description(
      "An identity-aware API gateway: HTTPS edge, identity, policies and an audit record, from one definition.",
    )
    .version(version(), "-V, --version", "print the version")
    .exitOverride()
    .showSuggestionAfterError()
    .showHelpAfterError("(add --help for what this command takes)")
    .addHelpText("after", "\nExit codes: 0 done, 1 failed or problems found, 2 wrong usage.");
  for (const command of [runCommand(), checkCommand(), explainCommand(), auditCommand(), schemaCommand()]) {
    program.addCommand(command.copyInheritedSettings(program));
  }
  return program;
}

function version(): string {
  const manifest = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
    version: string;
  };
  return manifest.version;
}
