import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { groupsOf } from "./groups.ts";

/**
 * Prints the files that make up the whole suite, one a line. Test files that need nothing of their process stand in a file
 * that imports several of them: a process for each would take a third of a second of two cores four hundred times.
 */
const root = join(import.meta.dirname, "..", "..");
const folder = join(root, "node_modules", ".cache", "test-groups");
const paths = globSync("{src,demo,packaging,bench,test}/**/*.test.ts", { cwd: root });
const files = paths.map((path) => ({ path, text: readFileSync(join(root, path), "utf8") }));

mkdirSync(folder, { recursive: true });
for (const [at, group] of groupsOf(files).entries()) {
  const [first = ""] = group;
  if (group.length === 1) process.stdout.write(`${first}\n`);
  else {
    const file = join(folder, `${String(at).padStart(3, "0")}-${first.split("/")[1]}.mjs`);
    const text = group.map((path) => `import ${JSON.stringify(pathToFileURL(join(root, path)).href)};\n`).join("");
    // Another run in this folder may be reading it.
    if (!existsSync(file) || readFileSync(file, "utf8") !== text) writeFileSync(file, text);
    process.stdout.write(`${file}\n`);
  }
}
