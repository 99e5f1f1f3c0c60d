import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { it } from "node:test";
import { formatDiagnostics } from "./format.ts";
import { loadText } from "./fixture.test-helper.ts";

const folder = join(import.meta.dirname, "..", "..", "test", "golden", "config");
const dashes = "\n----------\n";

/** Each file: a definition, a line of dashes, what `check` prints. `UPDATE_GOLDEN=1` writes what it prints now. */
for (const name of readdirSync(folder).filter((file) => file.endsWith(".txt"))) {
  it(`golden: ${name}`, async () => {
    const [input = "", expected] = readFileSync(join(folder, name), "utf8").split(dashes);
    const lines = input.split("\n");
    const { diagnostics } = await loadText(input);
    const readLine = (file: string, line: number): string | undefined =>
      file === "/gateway/sallyport.yaml" ? lines[line - 1] : undefined;
    const printed = formatDiagnostics(diagnostics, { color: false, readLine });
    if (process.env["UPDATE_GOLDEN"] === "1") writeFileSync(join(folder, name), input + dashes + printed);
    else assert.equal(printed, expected);
  });
}
