import { join, resolve } from "node:path";
import { Command } from "commander";
import { wholeNumber } from "#cli/numbers.ts";
import { maxWorkers } from "#cli/run.ts";
import { printCredentials } from "./credentials.ts";
import { runDemo } from "./run.ts";

const data = join(resolve(import.meta.dirname, ".."), ".sallyport");

/** The command line of `npm start` and of `sallyport demo …`. */
export function createDemoProgram(): Command {
  const program = new Command("sallyport demo")
    .description("the quick start: a gateway, an OpenID provider and an API on loopback")
    .exitOverride()
    .showHelpAfterError("(add --help for what this command takes)")
    .addHelpText(
      "after",
      '\nExamples:\n  npm start\n  npm start -- --any-ports\n  eval "$(npx sallyport demo credentials)"',
    );
  for (const command of [runCommand(), credentialsCommand()])
    program.addCommand(command.copyInheritedSettings(program), { isDefault: command.name() === "run" });
  return program;
}

function runCommand(): Command {
  return new Command("run")
    .description("start all three in the foreground")
    .option("-d, --data <folder>", "data folder", data)
    .option("-e, --env <name>", "environment of the quick start", "dev")
    .option("-w, --workers <n>", "worker threads (default: one a core)", wholeNumber(1, maxWorkers))
    .option("--any-ports", "let the system choose every port", false)
    .addHelpText(
      "after",
      "\nExamples:\n  npm start\n  npm start -- --any-ports\n  npm start -- --config my.yaml --env dev   (your own definition)",
    )
    .action(runDemo);
}

function credentialsCommand(): Command {
  return new Command("credentials")
    .description("print shell exports: SALLYPORT_URL, SALLYPORT_KEY, SALLYPORT_TOKEN, SALLYPORT_CA")
    .option("-d, --data <folder>", "data folder", data)
    .option("--as <who>", "billing (the service), alice (engineering) or bob (sales)", "billing")
    .addHelpText(
      "after",
      '\nExamples:\n  eval "$(npx sallyport demo credentials)"\n  eval "$(npx sallyport demo credentials --as alice)"',
    )
    .action(printCredentials);
}
