// Installs what the lock file says, when it is not there yet. Only Node's own modules: nothing is installed before.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ownNodeWillDo, root, runtimePackage } from "./runtime.mjs";

/** @returns {Record<string, string>} what must be in node_modules, name → exact version */
function wanted() {
  const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const names = { ...manifest.dependencies, ...manifest.devDependencies };
  if (!ownNodeWillDo && runtimePackage) names[runtimePackage] = manifest.optionalDependencies[runtimePackage];
  return names;
}

function installedVersion(name) {
  try {
    return JSON.parse(readFileSync(join(root, "node_modules", name, "package.json"), "utf8")).version;
  } catch {
    return undefined;
  }
}

/** Runs `npm ci` once when a dependency is missing or of another version; ends the process when that fails. */
export function ensureInstalled() {
  const missing = Object.entries(wanted()).filter(([name, version]) => installedVersion(name) !== version);
  if (missing.length === 0) return;
  process.stderr.write(`sallyport: installing ${missing.length} missing packages (pinned by package-lock.json) …\n`);
  const started = Date.now();
  // Install scripts are never needed: the runtime is a plain package. Development packages carry the quick start.
  const args = ["ci", "--ignore-scripts", "--include=dev", "--include=optional", "--no-audit", "--no-fund"];
  const quiet = ["--loglevel=error", "--progress=false"];
  const npm = process.env.npm_execpath;
  const [command, first] = npm?.endsWith(".js") ? [process.execPath, [npm]] : ["npm", []];
  const result = spawnSync(command, [...first, ...args, ...quiet], {
    cwd: root,
    stdio: ["ignore", "ignore", "inherit"],
    shell: command === "npm" && process.platform === "win32",
  });
  if (result.status !== 0) {
    process.stderr.write("sallyport: npm ci failed; the lines above say why.\n");
    process.exit(1);
  }
  process.stderr.write(`sallyport: installed in ${((Date.now() - started) / 1000).toFixed(1)} s\n`);
}
