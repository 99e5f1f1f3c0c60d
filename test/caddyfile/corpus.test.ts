import assert from "node:assert/strict";
import { existsSync, globSync, readdirSync, readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "node:test";
import { loadDefinition } from "#config/load.ts";
import { importCaddyfile, type ImportedCaddyfile } from "#interop/caddyfile/import-caddyfile.ts";
import { caddyfileDefinitionText } from "#interop/caddyfile/target/definition-text.ts";
import { root } from "#test/support/require.ts";

interface Verdict {
  readonly verdict: "imported" | "refused";
  /** Of what was refused: with the line. */
  readonly codes: readonly string[];
}

const folder = join(root, "..", "shared", "corpora", "caddyfile", "integration");
const cases = join(folder, "caddyfile_adapt");
const present = existsSync(cases);
const skip = present ? false : "corpora absent: ../shared/corpora/caddyfile";
const names = present ? readdirSync(cases).toSorted() : [];
const verdicts = JSON.parse(readFileSync(join(import.meta.dirname, "verdicts.json"), "utf8")) as Readonly<
  Record<string, Verdict>
>;

function read(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, "utf8") : undefined;
}

function split(name: string): readonly [source: string, expected: string] {
  const [source = "", expected = ""] = readFileSync(join(cases, name), "utf8").split(/^-{10} *$/m);
  return [`${source.trim()}\n`, expected.trim()];
}

function importCase(source: string): ImportedCaddyfile {
  return importCaddyfile(source, {
    file: join(folder, "Caddyfile"),
    variables: {},
    files: { read, glob: (pattern) => globSync(pattern).toSorted() },
  });
}

function verdictOf({ report }: ImportedCaddyfile): Verdict {
  const { isWhole, problems } = report;
  const told = problems.filter(({ kind }) => isWhole || kind === "loss" || kind === "error");
  const codes = told.map(({ code, line }) => (isWhole ? code : `${line}: ${code}`));
  return { verdict: isWhole ? "imported" : "refused", codes: [...new Set(codes)].toSorted() };
}

/** Faults of a written definition that lie outside of it: files, and values that are still to be given. */
const outside: ReadonlySet<string> = new Set(["file-unreadable", "secret-missing", "certificate-key"]);

async function faultsOf({ definition, files }: ImportedCaddyfile): Promise<readonly string[]> {
  const own = new Map([...files, ["sallyport.yaml", caddyfileDefinitionText(definition ?? {})]]);
  const { diagnostics } = await loadDefinition({
    file: "/nowhere/sallyport.yaml",
    variables: {},
    readFile: async (path) => {
      const text = own.get(path.replace("/nowhere/", ""));
      if (text !== undefined) return new TextEncoder().encode(text);
      return path.endsWith("caddy.ca.cer") ? readFile(join(folder, "..", "caddy.ca.cer")) : readFile(path);
    },
  });
  return diagnostics
    .filter(({ severity, code }) => severity === "error" && !outside.has(code))
    .map(({ code, message }) => `${code} ${message}`);
}

describe("Caddy's own adapter cases", { skip }, () => {
  it("are all there", () => {
    assert.equal(names.length, 133);
    assert.deepEqual(
      Object.keys(verdicts),
      names.map((name) => name.replace(/\.(?:caddyfiletest|txt)$/, "")),
    );
  });

  for (const name of names) {
    it(name, async () => {
      const [source, expected] = split(name);
      const imported = importCase(source);
      const verdict = verdictOf(imported);
      assert.deepEqual(verdict, verdicts[name.replace(/\.(?:caddyfiletest|txt)$/, "")]);
      assert.ok(expected.startsWith("{") || verdict.verdict === "refused", "Caddy does not take it");
      for (const { line, message } of imported.report.problems) assert.ok(line > 0 && message !== "");
      const needsValues = verdict.codes.includes("needs-value");
      if (verdict.verdict === "imported" && !needsValues) assert.deepEqual(await faultsOf(imported), []);
    });
  }

  it("are imported without a lost meaning: 85 of 100 that Caddy takes", () => {
    const taken = names.filter((name) => split(name)[1].startsWith("{"));
    const imported = taken.filter((name) => importCase(split(name)[0]).report.isWhole);
    assert.ok(imported.length >= taken.length * 0.85, `${imported.length} of ${taken.length}`);
  });
});
