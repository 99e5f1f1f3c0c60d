#!/usr/bin/env node
// `npx sallyport …`: hands the command line to the pinned runtime, whatever Node the machine has.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { findRuntime, noRuntime, root, runInForeground } from "./runtime.mjs";

const args = process.argv.slice(2);
const runtime = findRuntime();
if (runtime === undefined) {
  process.stderr.write(`${noRuntime}\n`);
  process.exit(1);
}
// The quick start lives beside the product and is left out of the published package.
const demo = join(root, "demo", "main.ts");
const isDemo = args[0] === "demo" && existsSync(demo);
// Node strips no types below `node_modules`: the package has JavaScript instead of `src`.
const main = [join(root, "src", "cli", "main.ts"), join(root, "dist", "main.js")].find((path) => existsSync(path));
const program = isDemo ? [demo, ...args.slice(1)] : [main, ...args];
// The runtime is pinned, and what is experimental in it is tested with it: the log is for the gateway's own lines.
runInForeground(runtime, ["--disable-warning=ExperimentalWarning", ...program]);
