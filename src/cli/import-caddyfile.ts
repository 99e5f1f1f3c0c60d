import { globSync, readFileSync, statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { Command } from "commander";
import { loadDefinition } from "#config/load.ts";
import { writeImport } from "#interop/apim/import/write-import.ts";
import { importCaddyfile, type ImportedCaddyfile } from "#interop/caddyfile/import-caddyfile.ts";
import type { ImportProblem } from "#interop/caddyfile/report/report.ts";
import { caddyfileDefinitionText } from "#interop/caddyfile/target/definition-text.ts";
import { withAbsolutePaths } from "#interop/caddyfile/target/paths.ts";
import { describeCaddyfile } from "./caddyfile-summary.ts";
import { problem } from "./failure.ts";

interface CaddyfileOptions {
  readonly check: boolean;
  readonly json: boolean;
  readonly output: string;
  readonly force: boolean;
}

/** What an import of one Caddyfile came to. */
export interface CaddyfileResult {
  readonly file: string;
  readonly imported: boolean;
  readonly directives: number;
  readonly mapped: number;
  readonly problems: readonly ImportProblem[];
}

/** A file that is larger is no configuration. */
const maxBytes = 4 * 1024 * 1024;

export function caddyfileCommand(): Command {
  return new Command("caddyfile")
    .description("Caddy: write a definition from a Caddyfile, and say what changes")
    .argument("<file>", "the Caddyfile")
    .option("--check", "only say what maps, what changes and what does not, and write nothing", false)
    .option("-o, --output <folder>", "a new folder for the definition and what it names", "gateway")
    .option("--force", "write in the place of an earlier import", false)
    .option("--json", "print the result as JSON on standard output", false)
    .addHelpText(
      "after",
      `
Nothing is written where anything would be lost: the report names the directive and its line.

Examples:
  sallyport import caddyfile /etc/caddy/Caddyfile --output gateway
  sallyport import caddyfile --check Caddyfile
  sallyport import caddyfile --check --json Caddyfile | jq .problems`,
    )
    .action(async (file: string, options: CaddyfileOptions) => {
      process.exitCode = await run(file, options);
    });
}

async function run(file: string, options: CaddyfileOptions): Promise<number> {
  const source = read(resolve(file));
  if (source === undefined) {
    process.stderr.write(`${problem(`${file} cannot be read`, "file-unreadable", "name a Caddyfile that is there")}\n`);
    return 1;
  }
  const imported = importCaddyfile(source, {
    file: resolve(file),
    files: { read, glob: (pattern) => globSync(pattern).toSorted() },
    variables: process.env,
  });
  const text = textOf(imported, dirname(resolve(file)));
  const unloaded = text === null ? [] : await problemsOf(text, imported, resolve(file));
  const problems = [...imported.report.problems, ...unloaded].map((one) => ({ ...one, file: one.file || file }));
  const { directives, mapped, isWhole } = imported.report;
  const result = { file, imported: isWhole && unloaded.length === 0, directives, mapped, problems };
  const refusal = options.check || !result.imported || text === null ? undefined : await write(text, imported, options);
  if (refusal !== undefined) return refusal;
  const written = options.check || !result.imported ? null : join(options.output, "sallyport.yaml");
  process.stdout.write(
    options.json ? `${JSON.stringify(toJson(result, written), null, 2)}\n` : describeCaddyfile(result, written),
  );
  return result.imported ? 0 : 1;
}

function read(path: string): string | undefined {
  try {
    return statSync(path).size > maxBytes ? undefined : readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

function textOf({ definition, files }: ImportedCaddyfile, folder: string): string | null {
  if (definition === null) return null;
  const placed = withAbsolutePaths(definition, folder, new Set(files.keys()));
  return caddyfileDefinitionText(placed as Readonly<Record<string, unknown>>);
}

async function write(
  text: string,
  { files }: ImportedCaddyfile,
  { output, force }: CaddyfileOptions,
): Promise<number | undefined> {
  const refusal = await writeImport(
    output,
    { files: new Map([["sallyport.yaml", text], ...files]), secrets: new Map() },
    force,
  );
  if (refusal === undefined) return undefined;
  const fix = "name a new folder with --output, or replace an earlier import with --force";
  process.stderr.write(`${problem(refusal, "import-output", fix)}\n`);
  return 1;
}

/** What is given later, or lies elsewhere, is no fault of the definition. */
const outside: ReadonlySet<string> = new Set([
  "secret-missing",
  "file-unreadable",
  "certificate-key",
  "vault-unavailable",
]);

/** What the definition itself says is wrong: an expression that is none, a name that cannot be. */
async function problemsOf(
  text: string,
  { files, report }: ImportedCaddyfile,
  file: string,
): Promise<readonly ImportProblem[]> {
  if (report.problems.some(({ code }) => code === "needs-value")) return [];
  const folder = join(dirname(file), ".sallyport-import-check");
  const own = new Map(
    [["sallyport.yaml", text], ...files].map(([name, content]) => [join(folder, name as string), content as string]),
  );
  const { diagnostics } = await loadDefinition({
    file: join(folder, "sallyport.yaml"),
    variables: process.env,
    readFile: async (path) => {
      const found = own.get(path);
      return found === undefined ? readFile(path) : new TextEncoder().encode(found);
    },
  });
  return diagnostics
    .filter(({ severity, code }) => severity === "error" && !outside.has(code))
    .map(({ message, code }) => ({
      file,
      line: 1,
      code: "value-unsupported",
      kind: "loss",
      message: `${message} (${code})`,
    }));
}

function toJson({ file, imported, directives, mapped, problems }: CaddyfileResult, written: string | null): unknown {
  return {
    file,
    imported,
    directives,
    mapped,
    problems: problems.map(({ file: where, line, code, kind, message }) => ({
      line,
      code,
      message,
      kind,
      ...(resolve(where) === resolve(file) ? {} : { file: where }),
    })),
    ...(written === null ? {} : { output: written }),
  };
}
