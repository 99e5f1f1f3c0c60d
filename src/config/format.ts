import { readFileSync } from "node:fs";
import { relative } from "node:path";
import type { Diagnostic } from "#model/diagnostic.ts";

export interface FormatOptions {
  readonly color: boolean;
  /** Places in files below this folder are shown relative to it. */
  readonly cwd?: string;
  /** A line of a file, counted from 1, or undefined; by default it is read from the disk. */
  readonly readLine?: (file: string, line: number) => string | undefined;
}

const widest = 160;

/**
 * For people: `file:line:col  error code  message`, the line with a caret, the fix, and how many there were.
 * A line with a secret written out is not shown.
 */
export function formatDiagnostics(diagnostics: readonly Diagnostic[], options: FormatOptions): string {
  if (diagnostics.length === 0) return "";
  const paint = options.color ? colored : plain;
  const readLine = options.readLine ?? diskLines();
  const hidden = new Set(diagnostics.filter(({ code }) => code === "secret-plain").map(lineOf));
  const visible: ReadLine = (file, line) => (hidden.has(`${file}:${line}`) ? undefined : readLine(file, line));
  const blocks = diagnostics.map((diagnostic) => formatOne(diagnostic, visible, paint, options.cwd));
  return `${blocks.join("\n")}\n${summary(diagnostics)}\n`;
}

/** For programs: one flat object a problem. */
export function diagnosticsToJson(diagnostics: readonly Diagnostic[]): readonly Readonly<Record<string, unknown>>[] {
  return diagnostics.map(({ code, severity, message, at, fix }) => ({
    code,
    severity,
    message,
    file: at.file,
    line: at.line,
    column: at.column,
    ...(fix === undefined ? {} : { fix }),
  }));
}

type ReadLine = NonNullable<FormatOptions["readLine"]>;

function lineOf({ at }: Diagnostic): string {
  return `${at.file}:${at.line}`;
}

type Paint = (style: "error" | "warning" | "place" | "fix", text: string) => string;

const plain: Paint = (_, text) => text;
const styles = { error: "31;1", warning: "33;1", place: "1", fix: "36" } as const;
const colored: Paint = (style, text) => `\u001b[${styles[style]}m${text}\u001b[0m`;

/** A line whose meaning could not be told is not shown when it looks as if a secret were written out there. */
const unclear: ReadonlySet<string> = new Set(["type-wrong", "yaml-syntax", "yaml-duplicate-key", "key-unknown"]);
const likeSecret = /(secret|password|passwd|token|credential|key)["']?\s*:\s*["']?[^\s{"'$]/i;

function formatOne(
  { code, severity, message, at, fix }: Diagnostic,
  readLine: ReadLine,
  paint: Paint,
  cwd: string | undefined,
): string {
  const place = printable(`${shownFile(at.file, cwd)}:${at.line}:${at.column}`);
  const lines = [`${paint("place", place)}  ${paint(severity, `${severity} ${code}`)}  ${printable(message)}`];
  const source = readLine(at.file, at.line);
  if (source !== undefined && !(unclear.has(code) && likeSecret.test(source)))
    lines.push(...excerpt(source, at.column));
  if (fix !== undefined) lines.push(`  ${paint("fix", "fix:")} ${printable(fix)}`);
  return `${lines.join("\n")}\n`;
}

function shownFile(file: string, cwd: string | undefined): string {
  const path = cwd === undefined ? file : relative(cwd, file);
  return path === "" || path.startsWith("..") ? file : path;
}

/** Of a long line, the part around the column. */
function excerpt(source: string, column: number): readonly string[] {
  if (source.trim() === "") return [];
  const from = column > widest ? column - Math.floor(widest / 2) : 0;
  const part = source.slice(from, from + widest);
  return [`  | ${printable(part)}`, `  | ${" ".repeat(column - 1 - from)}^`];
}

/** A definition from elsewhere must not steer the terminal; tabs are one column here. */
function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, " ");
}

function summary(diagnostics: readonly Diagnostic[]): string {
  const errors = diagnostics.filter(({ severity }) => severity === "error").length;
  const warnings = diagnostics.length - errors;
  return `${counted(errors, "error")}, ${counted(warnings, "warning")}`;
}

function counted(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? "" : "s"}`;
}

/** Files are read once and kept while one report is written. */
function diskLines(): ReadLine {
  const files = new Map<string, readonly string[]>();
  return (file, line) => {
    const known = files.get(file) ?? readLines(file);
    files.set(file, known);
    return known[line - 1];
  };
}

function readLines(file: string): readonly string[] {
  try {
    return readFileSync(file, "utf8").split(/\r?\n/);
  } catch {
    return [];
  }
}
