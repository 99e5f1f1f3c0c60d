import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { text as readStream } from "node:stream/consumers";
import { Command, Option } from "commander";
import { diagnosticsToJson, formatDiagnostics } from "#config/format.ts";
import { contextProblems } from "#app/workbench/check-context.ts";
import { contextSchema } from "#app/workbench/context-schema.ts";
import type { WorkbenchContext } from "#app/workbench/context.ts";
import { describeRun, runAsJson } from "#app/workbench/describe-run.ts";
import { HttpFileProblem, parseRequest, parseResponse } from "#app/workbench/http-file.ts";
import { masked } from "#app/workbench/masking.ts";
import { runDocument } from "#app/workbench/run.ts";
import { problem } from "./failure.ts";
import { isColored } from "./terminal.ts";

interface PolicyRunOptions {
  readonly request: string;
  readonly context?: string;
  readonly backend?: string;
  readonly scope?: Exclude<WorkbenchContext["scope"], undefined>;
  readonly json: boolean;
}

/** `sallyport policy …`: looks at policy documents by themselves. */
export function policyCommand(): Command {
  return new Command("policy").description("try policy documents").addCommand(runCommand());
}

function runCommand(): Command {
  return new Command("run")
    .description("run one document of API Management against one request, offline, and show each step")
    .argument("<policy.xml>", "the document")
    .requiredOption("-r, --request <file>", "a .http file, - for standard input, or the request itself: GET /orders/7")
    .option("--context <file>", "JSON: what the request meets (schema/policy-context.schema.json)")
    .option("--backend <file>", "a .http file with what the backend answers")
    .addOption(
      new Option("--scope <scope>", "where the document stands").choices(["global", "product", "api", "operation"]),
    )
    .option("--json", "print the result as JSON on standard output", false)
    .addHelpText(
      "after",
      `
Nothing is sent anywhere: the context says what services answer. A request that is refused has run: exit code 0.

Examples:
  sallyport policy run policy.xml --request "GET /orders/7"
  sallyport policy run policy.xml --request order.http --context context.json --backend answer.http
  sallyport policy run policy.xml --request - --json < order.http | jq .response`,
    )
    .action(async (path: string, options: PolicyRunOptions) => {
      try {
        await run(path, options);
      } catch (error) {
        if (!(error instanceof Unusable)) throw error;
        process.stderr.write(`${problem(error.message, error.code, error.fix)}\n`);
        process.exitCode = error.exitCode;
      }
    });
}

/** An input that cannot be worked with. */
class Unusable extends Error {
  readonly exitCode: 1 | 2;
  readonly code: string;
  readonly fix: string;

  constructor(exitCode: 1 | 2, code: string, message: string, fix: string) {
    super(message);
    this.exitCode = exitCode;
    this.code = code;
    this.fix = fix;
  }
}

async function run(path: string, options: PolicyRunOptions): Promise<void> {
  const { json, request: requestFile } = options;
  const text = await read(path);
  const context = await contextOf(options);
  const fragments = await readFragments(context, options.context);
  const request = await requestOf(requestFile);
  const result = await parsing(requestFile, () => runDocument({ path, text, fragments }, request, context));
  if (result.diagnostics.length > 0 && !json) {
    process.stderr.write(formatDiagnostics(result.diagnostics, { color: isColored(process.stderr) }));
  }
  const shown = result.run && masked(result.run, context);
  if (json) {
    const problems = diagnosticsToJson(result.diagnostics);
    process.stdout.write(`${JSON.stringify({ problems, ...(shown && runAsJson(shown)) }, null, 2)}\n`);
  } else if (shown !== null) process.stdout.write(describeRun(shown));
  if (shown === null) process.exitCode = 1;
}

async function requestOf(given: string): ReturnType<typeof parsing<ReturnType<typeof parseRequest>>> {
  if (/^[A-Za-z]+ +\S+$/.test(given)) return parsing("--request", async () => parseRequest(given));
  const text = given === "-" ? await readStream(process.stdin) : await read(given);
  return parsing(given, async () => parseRequest(text));
}

async function contextOf({ context: file, backend, scope }: PolicyRunOptions): Promise<WorkbenchContext> {
  const given = file === undefined ? {} : checkedContext(file, await read(file));
  const answer = backend === undefined ? undefined : await read(backend);
  if (backend === undefined || answer === undefined) return scope === undefined ? given : { ...given, scope };
  const { status, reason, headers, body } = await parsing(backend, async () => parseResponse(answer));
  const fields: Record<string, string[]> = {};
  for (let at = 0; at + 1 < headers.length; at += 2) (fields[headers[at] ?? ""] ??= []).push(headers[at + 1] ?? "");
  const stub = { status, reason, headers: fields, ...(body === null ? {} : { body }) };
  return { ...given, backend: stub, ...(scope === undefined ? {} : { scope }) };
}

function checkedContext(file: string, text: string): WorkbenchContext {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new Unusable(2, "context-invalid", `${file}: ${(error as Error).message}`, "make it JSON");
  }
  const problems = contextProblems(value, contextSchema);
  const { now } = value as WorkbenchContext;
  const wrong =
    problems.length > 0 || now === undefined || !Number.isNaN(Date.parse(now)) ? problems : ["$.now: a time is due"];
  if (wrong.length === 0) return value as WorkbenchContext;
  const fix = "schema/policy-context.schema.json says what may stand there";
  throw new Unusable(2, "context-invalid", `${file}:\n  ${wrong.join("\n  ")}\n `, fix);
}

/** Relative to the context's file. */
async function readFragments(
  { fragments = {} }: WorkbenchContext,
  contextFile: string | undefined,
): Promise<Readonly<Record<string, string>>> {
  const folder = dirname(contextFile ?? ".");
  const texts = Object.entries(fragments).map(async ([id, file]) => [id, await read(join(folder, file))] as const);
  return Object.fromEntries(await Promise.all(texts));
}

async function read(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    const { code = "unknown" } = error as NodeJS.ErrnoException;
    throw new Unusable(2, "file-unreadable", `${path} cannot be read: ${code}`, "name a file that is there");
  }
}

async function parsing<Parsed>(file: string, parse: () => Promise<Parsed>): Promise<Parsed> {
  try {
    return await parse();
  } catch (error) {
    if (!(error instanceof HttpFileProblem)) throw error;
    throw new Unusable(2, "http-file-invalid", `${file}: ${error.message}`, "write it as REST clients do");
  }
}
