import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { bundle } from "./bundle.ts";
import { type Lock, type Manifest, packageLock, packageManifest } from "./manifest.ts";

const root = join(import.meta.dirname, "..", "..");
/** Writes the folder that `npm pack` makes the package of. What was in it goes. */
export async function buildPackage(folder: string): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  await bundle({ folder: join(folder, "dist") });
  for (const path of [
    "bin/sallyport.mjs",
    "bin/runtime.mjs",
    "schema",
    "docs",
    "LICENSE",
    "README.md",
    "CHANGELOG.md",
  ]) {
    cpSync(join(root, path), join(folder, path), { recursive: true });
  }
  const manifest = packageManifest(JSON.parse(read("package.json")) as Manifest);
  write(folder, "package.json", `${JSON.stringify(manifest, null, 2)}\n`);
  const lock = packageLock(JSON.parse(read("package-lock.json")) as Lock, manifest);
  write(folder, "npm-shrinkwrap.json", `${JSON.stringify(lock, null, 2)}\n`);
}

function read(...path: readonly string[]): string {
  return readFileSync(join(root, ...path), "utf8");
}

function write(folder: string, path: string, text: string): void {
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}
