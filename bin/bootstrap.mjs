// `npm start`, `npm test` and the other scripts: install what is missing, then run the task on the pinned runtime.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { ensureInstalled } from "./install.mjs";
import { findRuntime, noRuntime, root, runInForeground } from "./runtime.mjs";

// A file whose tests have ended ends, also when one of them failed and left something open: the suite must not hang.
const test = ["--test", "--test-force-exit", `--import=${join(root, "test", "run", "whole-output.mjs")}`];

/** Task → arguments for Node. */
const tasks = {
  start: (args) =>
    args.some((arg) => /^(-c|--config(=.*)?)$/.test(arg))
      ? [join(root, "src", "cli", "main.ts"), "run", ...args]
      : [join(root, "demo", "main.ts"), "run", ...args],
  test: (args) => [
    ...test,
    // One more than cores: many wait for what they have started.
    "--test-concurrency=3",
    "--test-timeout=180000",
    ...(args.length > 0 ? args : wholeSuite()),
  ],
  // One at a time: each takes all there is of the machine, and some measure what is left for others.
  soak: (args) => [
    ...test,
    "--test-concurrency=1",
    "--test-timeout=2400000",
    ...(args.length > 0 ? args : ["test/soak/*.soak.ts", "bench/*.soak.ts"]),
  ],
  fuzz: (args) => [join(root, "test", "soak", "fuzz.ts"), ...args],
  bench: (args) => [join(root, "bench", "main.ts"), ...args],
  "bench-start": (args) => [join(root, "bench", "start.ts"), ...args],
  "bench-guard": (args) => [join(root, "bench", "guard", "main.ts"), ...args],
  "bench-micro": (args) => [join(root, "bench", "micro", "main.ts"), ...args],
  "bench-login": (args) => [join(root, "bench", "login.ts"), ...args],
  "bench-sessions": () => [join(root, "bench", "sessions.ts")],
  "bench-identity": () => [join(root, "bench", "identity.ts")],
  "bench-audit": (args) => [join(root, "bench", "audit.ts"), ...args],
  "bench-search": (args) => [join(root, "bench", "search.ts"), ...args],
  "bench-verify": (args) => [join(root, "bench", "verify.ts"), ...args],
  package: (args) => [join(root, "packaging", "npm", "main.ts"), ...args],
  schema: () => [join(root, "src", "cli", "main.ts"), "schema", "--write"],
};

const [task, ...args] = process.argv.slice(2);
if (!Object.hasOwn(tasks, task)) {
  process.stderr.write(`bootstrap: unknown task ${task}; one of ${Object.keys(tasks).join(", ")}\n`);
  process.exit(2);
}
ensureInstalled();
const runtime = findRuntime();
if (runtime === undefined) {
  process.stderr.write(`${noRuntime}\n`);
  process.exit(1);
}
if (task === "test" || task === "soak") useProgram();
// Paths in arguments mean what they mean where the user typed them.
const cwd = task === "start" || task === "package" ? (process.env.INIT_CWD ?? process.cwd()) : root;
// What is experimental in the pinned runtime is tested with it.
runInForeground(runtime, ["--disable-warning=ExperimentalWarning", ...tasks[task](args)], { cwd });

/** Tests start what users of the package start. */
function useProgram() {
  process.env.SALLYPORT_TEST_PROGRAM = printedBy(join(root, "packaging", "npm", "test-program.ts"));
}

/** All test files; those that may share a process, in files that import them. */
function wholeSuite() {
  return printedBy(join(root, "test", "run", "main.ts"))
    .trim()
    .split("\n");
}

function printedBy(script) {
  const { status, stdout, stderr } = spawnSync(runtime, [script], { encoding: "utf8" });
  if (status === 0) return stdout;
  process.stderr.write(`bootstrap: ${script} failed: ${stderr}`);
  process.exit(1);
}
