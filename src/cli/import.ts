import { Command } from "commander";
import { checkDocuments, type DocumentsReport } from "#interop/apim/check-documents.ts";
import { findDocuments, type FoundDocuments } from "#interop/apim/find-documents.ts";
import { checkCsharp } from "#notation/csharp/check.ts";
import { collect } from "./definition-options.ts";
import { problem } from "./failure.ts";
import { caddyfileCommand } from "./import-caddyfile.ts";
import { importApim, type WriteOptions } from "./import-apim.ts";

interface ImportOptions extends WriteOptions {
  readonly check: boolean;
}

/** `sallyport import …`: what other gateways' users bring along. */
export function importCommand(): Command {
  return new Command("import")
    .description("bring along what another gateway had")
    .addCommand(apimCommand())
    .addCommand(caddyfileCommand());
}

function apimCommand(): Command {
  return new Command("apim")
    .description("Azure API Management: write a definition from an APIOps folder, or check policy documents")
    .argument("<path...>", "an APIOps folder; with --check, policy documents and folders")
    .option("--check", "only check policies, and write nothing", false)
    .option("-o, --output <folder>", "a new folder for the definition and what it names", "gateway")
    .option("--force", "write in the place of an earlier import", false)
    .option("--keys <file>", "subscription keys, CSV or JSON of the management API (repeatable)", append, [])
    .option("--users <file>", "users, CSV or JSON of the management API; for sallyport users import")
    .option("--json", "print the result as JSON on standard output", false)
    .option("--set <name=value>", "a named value, or what a deployment tool would fill in (repeatable)", collect, {})
    .addHelpText(
      "after",
      `
Examples:
  sallyport import apim apimartifacts/ --output gateway --keys keys.csv
  sallyport import apim apimartifacts/ --json | jq .needs
  sallyport import apim --check policies/
  sallyport import apim --check orders.policy.xml --set backend-id=orders
  sallyport import apim --check --json artifacts/ | jq .loaded`,
    )
    .action(async (paths: readonly string[], options: ImportOptions) => {
      if (!options.check) {
        process.exitCode = await write(paths, options);
        return;
      }
      const { json, set } = options;
      const found = await findAll(paths);
      if (found === undefined) return;
      const values = Object.assign({}, ...found.map((one) => one.values), set) as Readonly<Record<string, string>>;
      const report = checkDocuments(
        found.flatMap(({ documents }) => documents),
        values,
        checkCsharp,
      );
      const whole = withUnread(
        report,
        found.flatMap(({ unread }) => unread),
      );
      process.stdout.write(json ? `${JSON.stringify(whole, null, 2)}\n` : describe(whole));
      process.exitCode = whole.loaded === whole.documents ? 0 : 1;
    });
}

/** For an option that may be repeated. */
function append(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}

async function write(paths: readonly string[], options: WriteOptions): Promise<number> {
  const [path = "", ...others] = paths;
  if (others.length > 0) {
    process.stderr.write(`${problem("a definition is written from one folder", "import-folder", "name one")}\n`);
    return 1;
  }
  try {
    return await importApim(path, options);
  } catch (error) {
    process.stderr.write(`${describeUnreadable(error)}\n`);
    return 1;
  }
}

/** @throws the error when it is not one of the file system */
function describeUnreadable(error: unknown): string {
  const { code = "", path = "" } = error as NodeJS.ErrnoException;
  if (code === "") throw error;
  return problem(`${path} cannot be used: ${code}`, "file-unreadable", "name a file or folder that is there");
}

async function findAll(paths: readonly string[]): Promise<readonly FoundDocuments[] | undefined> {
  try {
    return await Promise.all(paths.map(findDocuments));
  } catch (error) {
    process.stderr.write(`${describeUnreadable(error)}\n`);
    process.exitCode = 1;
    return undefined;
  }
}

/** A document that cannot be read is one that does not load. */
function withUnread(report: DocumentsReport, unread: FoundDocuments["unread"]): DocumentsReport {
  const problems = unread.map(({ path, message }) => {
    return { path, line: 1, column: 1, code: "file-unreadable", message, severity: "error" } as const;
  });
  return { ...report, documents: report.documents + unread.length, problems: [...problems, ...report.problems] };
}

function describe({ documents, loaded, expressions, compiled, problems }: DocumentsReport): string {
  const lines = problems.map(({ path, line, column, severity, code, message, fix }) => {
    const help = fix === undefined ? "" : `\n  fix: ${fix}`;
    return `${path}:${line}:${column}: ${severity}: ${message} (${code})${help}\n`;
  });
  const documentsText = `${loaded} of ${documents} documents load`;
  return `${lines.join("")}${documentsText}, ${compiled} of ${expressions} expressions compile\n`;
}
