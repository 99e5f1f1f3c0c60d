import { CommanderError } from "commander";
import { createProgram } from "./program.ts";
import { describeFailure } from "./failure.ts";

try {
  await createProgram().parseAsync(process.argv);
} catch (error) {
  // Commander has printed its own message and help by then.
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else {
    process.stderr.write(`${describeFailure(error)}\n`);
    process.exitCode = 1;
  }
}
