import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildPackage } from "./build.ts";

/** `npm run package`: the package as a file in the folder that it is asked for in, to install or to publish. */
const folder = mkdtempSync(join(tmpdir(), "sallyport-package-"));
try {
  await buildPackage(folder);
  const npm = spawnSync("npm", ["pack", "--ignore-scripts", "--loglevel=error", folder], {
    stdio: ["ignore", "inherit", "inherit"],
    shell: process.platform === "win32",
  });
  process.exitCode = npm.status ?? 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
