import { createInterface } from "node:readline";
import { openIdle, type Idle } from "./idle.ts";

/**
 * Entry of a process that holds connections open and asks nothing: the first line of its input is what to open, for which
 * it prints how many there are, and it ends with its input.
 */
for await (const line of createInterface({ input: process.stdin }))
  process.stdout.write(`${await openIdle(JSON.parse(line) as Idle)}\n`);
process.exit(0);
