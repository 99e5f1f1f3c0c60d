import { join, resolve } from "node:path";
import { Command } from "commander";
import { describeFailure } from "#cli/failure.ts";
import { printCredentials } from "./credentials.ts";
import { runDemo } from "./run.ts";

const root = resolve(import.meta.dirname, "..");

/** Entry of `npm start` and of `sallyport demo …`. */
const program = new Command("sallyport demo").description(
  "the quick start: a gateway, an OpenID provider and an API on loopback",
);

program
  .command("run", { isDefault: true })
  .description("start all three in the foreground")
  .option("-d, --data <folder>", "data folder", join(root, ".sallyport"))
  .option("-e, --env <name>", "environment of the quick start", "dev")
  .option("-w, --workers <n>", "worker threads (default: one a core)")
  .option("--any-ports", "let the system choose every port", false)
  .addHelpText(
    "after",
    "\nExamples:\n  npm start\n  npm start -- --any-ports\n  npm start -- --config my.yaml --env dev   (your own definition)",
  )
  .action(runDemo);

program
  .command("credentials")
  .description("print shell exports: SALLYPORT_URL, SALLYPORT_KEY, SALLYPORT_TOKEN, SALLYPORT_CA")
  .option("-d, --data <folder>", "data folder", join(root, ".sallyport"))
  .option("--as <who>", "billing (the service), alice (engineering) or bob (sales)", "billing")
  .addHelpText(
    "after",
    '\nExamples:\n  eval "$(npx sallyport demo credentials)"\n  eval "$(npx sallyport demo credentials --as alice)"',
  )
  .action(printCredentials);

try {
  await program.parseAsync(process.argv);
} catch (error) {
  const message =
    error instanceof Error && error.constructor === Error ? `sallyport: ${error.message}` : describeFailure(error);
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
