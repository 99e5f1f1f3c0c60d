import { execute } from "#cli/execute.ts";
import { describeFailure } from "#cli/failure.ts";
import { GatewayError } from "#model/errors.ts";
import { createDemoProgram } from "./program.ts";

/** Entry of `npm start` and of `sallyport demo …`. */
const code = await execute(createDemoProgram(), process.argv.slice(2), describe);
// The quick start's services must not outlive a failed start.
if (code !== 0) process.exit(code);

function describe(error: unknown): string {
  if (error instanceof GatewayError && error.code === "port-in-use") {
    return `${describeFailure(error)}; npm start -- --any-ports lets the system choose`;
  }
  const isOurs = error instanceof Error && error.constructor === Error;
  return isOurs ? `sallyport: ${error.message}` : describeFailure(error);
}
