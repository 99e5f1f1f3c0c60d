import { createHash } from "node:crypto";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { join } from "node:path";
import { bundle } from "./bundle.ts";

/**
 * The program as the package has it, for tests that start it hundreds of times: it comes up in less than half the time
 * that its modules take one by one. Its folder is named by what is in it, so that what the runtime has compiled stands
 * for the next run as well. Prints the path of its first file.
 */
const root = join(import.meta.dirname, "..", "..");
const cache = join(root, "node_modules", ".cache");
const dayMs = 86_400_000;

mkdirSync(cache, { recursive: true });
const made = mkdtempSync(join(cache, "making-"));
try {
  await bundle({ folder: made, home: root });
  const folder = join(cache, `program-${digestOf(made)}`);
  // Also for tests that run it as somebody else.
  chmodSync(made, 0o755);
  if (!existsSync(folder)) renameSync(made, folder);
  process.stdout.write(join(folder, "main.js"));
} finally {
  rmSync(made, { recursive: true, force: true });
}
for (const name of readdirSync(cache)) {
  const old = join(cache, name);
  if (name.startsWith("program-") && statSync(old).mtimeMs < Date.now() - dayMs) {
    rmSync(old, { recursive: true, force: true });
  }
}

function digestOf(folder: string): string {
  const hash = createHash("sha256");
  for (const name of readdirSync(folder).toSorted()) hash.update(`${name}\0`).update(readFileSync(join(folder, name)));
  return hash.digest("hex").slice(0, 16);
}
