import type { Diagnostic } from "#model/diagnostic.ts";
import { problem } from "#cli/failure.ts";
import { isColored } from "#cli/terminal.ts";
import { formatDiagnostics } from "#config/format.ts";
import { AdminFailure, type AdminReply } from "./connection.ts";

type Json = Readonly<Record<string, unknown>>;

/** A configuration as the admin API gives it. */
export interface Configuration {
  readonly id: number;
  /** That the gateway runs. */
  readonly environment: string;
  readonly hash: string;
  readonly definition: string;
  readonly files: Readonly<Record<string, string>>;
}

export interface Change {
  readonly id: number;
  readonly hash: string;
  readonly unchanged: boolean;
  readonly restart: readonly string[];
  readonly warnings: readonly FlatDiagnostic[];
}

export interface HistoryEntry {
  readonly id: number;
  readonly time: string;
  readonly author: string;
  readonly action: string;
  readonly from?: number;
  readonly comment: string;
  readonly hash: string;
}

export interface FlatDiagnostic extends Omit<Diagnostic, "at"> {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** Where a file of the answer stands here, for showing its lines. */
export type Locate = (name: string) => string;

/** Texts that the gateway was sent, by file: their lines are shown, and not those of a file of the same name here. */
export type SentTexts = Readonly<Record<string, string>>;

/** The body of an answer. @throws AdminFailure for a refusal, with all that it says */
export function bodyOf<T>({ status, text }: AdminReply, locate: Locate = (name) => name, sent?: SentTexts): T {
  const body = parse(text);
  if (status === 200) return body as T;
  throw new AdminFailure(describe(body, status, locate, sent), status === 412 ? 3 : 1);
}

export function show(diagnostics: readonly FlatDiagnostic[], locate: Locate, sent?: SentTexts): string {
  const placed = diagnostics.map(({ file, line, column, ...rest }) => ({
    ...rest,
    at: { file: locate(file), line, column },
  }));
  const readLine = (file: string, line: number): string | undefined => sent?.[file]?.split(/\r?\n/)[line - 1];
  const options = { color: isColored(process.stderr), cwd: process.cwd() };
  return formatDiagnostics(placed, sent === undefined ? options : { ...options, readLine });
}

function describe(body: Json, status: number, locate: Locate, sent?: SentTexts): string {
  const { detail, reason, requestId, diagnostics, files } = body;
  const said = `${String(detail ?? `the gateway answered ${status}`)}${Array.isArray(files) ? ` (${files.join(", ")})` : ""}`;
  const fix = requestId === undefined ? undefined : `npx sallyport explain ${String(requestId)} says more`;
  const problems = Array.isArray(diagnostics) ? show(diagnostics as FlatDiagnostic[], locate, sent) : "";
  return `${problems}${problem(said, String(reason ?? "internal"), fix)}`;
}

function parse(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return {};
  }
}
