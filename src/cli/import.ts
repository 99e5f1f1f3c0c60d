import { Command } from "commander";
import { checkDocuments, type DocumentsReport } from "#interop/apim/check-documents.ts";
import { findDocuments, type FoundDocuments } from "#interop/apim/find-documents.ts";
import { checkCsharp } from "#notation/csharp/check.ts";
import { collect } from "./definition-options.ts";
import { problem } from "./failure.ts";

interface ImportOptions {
  readonly check: boolean;
  readonly json: boolean;
  readonly set: Readonly<Record<string, string>>;
}

/** `sallyport import …`: what other gateways' users bring along. */
export function importCommand(): Command {
  return new Command("import").description("bring along what another gateway had").addCommand(apimCommand());
}

function apimCommand(): Command {
  return new Command("apim")
    .description("Azure API Management: policy documents, one by one or a folder of them, also an APIOps folder")
    .argument("<path...>", "policy documents and folders")
    .option("--check", "only check them, and write nothing", false)
    .option("--json", "print the result as JSON on standard output", false)
    .option("--set <name=value>", "a named value, or what a deployment tool would fill in (repeatable)", collect, {})
    .addHelpText(
      "after",
      `
Examples:
  sallyport import apim --check policies/
  sallyport import apim --check orders.policy.xml --set backend-id=orders
  sallyport import apim --check --json artifacts/ | jq .loaded`,
    )
    .action(async (paths: readonly string[], { check, json, set }: ImportOptions) => {
      if (!check) {
        process.stderr.write(`${problem("only --check is there yet", "import-unsupported", "add --check")}\n`);
        process.exitCode = 1;
        return;
      }
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

async function findAll(paths: readonly string[]): Promise<readonly FoundDocuments[] | undefined> {
  try {
    return await Promise.all(paths.map(findDocuments));
  } catch (error) {
    const { code = "", path = "" } = error as NodeJS.ErrnoException;
    if (code === "") throw error;
    process.stderr.write(
      `${problem(`${path} cannot be read: ${code}`, "file-unreadable", "name a file or folder that is there")}\n`,
    );
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
