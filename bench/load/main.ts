import { createInterface } from "node:readline";
import { Load, type LoadOptions } from "./load.ts";
import type { Turn } from "./result.ts";

/**
 * Entry of a load process. The first line of its input is what to ask, each line after that a turn, and for each turn it
 * prints a line with the result; it ends with its input. A process of its own, so that its CPU time is not counted.
 */
let load: Load | undefined;
for await (const line of createInterface({ input: process.stdin })) {
  if (load === undefined) load = new Load(JSON.parse(line) as LoadOptions);
  else process.stdout.write(`${JSON.stringify(await load.run(JSON.parse(line) as Turn))}\n`);
}
process.exit(0);
