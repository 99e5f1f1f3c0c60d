import { existsSync } from "node:fs";
import { Command } from "commander";
import { packageVersion } from "#app/version.ts";
import { auditCommand } from "./audit.ts";
import { caCommand } from "./ca.ts";
import { certificatesCommand } from "./certificates.ts";
import { checkCommand } from "./check.ts";
import { configCommand } from "./config.ts";
import { explainCommand } from "./explain.ts";
import { importCommand } from "./import.ts";
import { keysCommand } from "./keys.ts";
import { productsCommand } from "./products.ts";
import { runCommand } from "./run.ts";
import { schemaCommand } from "./schema.ts";
import { reloadCommand, statusCommand } from "./status.ts";
import { subscriptionsCommand } from "./subscriptions.ts";
import { trustCommand } from "./trust.ts";
import { upstreamsCommand } from "./upstreams.ts";

const demo = new URL("../../demo/main.ts", import.meta.url);

const examples = `
Examples:
  sallyport check --config sallyport.yaml --env dev
  sallyport run --config sallyport.yaml --env dev
  sallyport explain 0198c1f2-7c3a-7e51-9a51-3f8f0f6f2b11
`;
/** The launcher has this command in a checkout only. */
const demoExample = "  sallyport demo --help        the quick start, which `npm start` runs\n";
const exitCodes = "\nExit codes: 0 done, 1 failed or problems found, 2 wrong usage.";

/** The command line: one file a command, each with examples in its help. Usage errors end with 2, failures with 1. */
export function createProgram(): Command {
  const program = new Command("sallyport")
    .description(
      "An identity-aware API gateway: HTTPS edge, identity, policies and an audit record, from one definition.",
    )
    .version(packageVersion(), "-V, --version", "print the version")
    .exitOverride()
    .showSuggestionAfterError()
    .showHelpAfterError("(add --help for what this command takes)")
    .addHelpText("after", `${examples}${existsSync(demo) ? demoExample : ""}${exitCodes}`);
  const commands = [
    runCommand(),
    checkCommand(),
    explainCommand(),
    auditCommand(),
    certificatesCommand(),
    configCommand(),
    statusCommand(),
    reloadCommand(),
    upstreamsCommand(),
    productsCommand(),
    subscriptionsCommand(),
    keysCommand(),
    trustCommand(),
    caCommand(),
    schemaCommand(),
    importCommand(),
  ];
  for (const command of commands) {
    program.addCommand(inherit(command, program));
  }
  return program;
}

/** How errors are shown and end, down to the last subcommand. */
function inherit(command: Command, parent: Command): Command {
  for (const child of command.commands) inherit(child, parent);
  return command.copyInheritedSettings(parent);
}
