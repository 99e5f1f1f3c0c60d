import type { Diagnostic, Severity, SourcePosition } from "#model/diagnostic.ts";
import type { DiagnosticCode } from "./codes.ts";

/** More than anybody reads; a file of the wrong kind would otherwise give one for each of its lines. */
const maxProblems = 1000;

/** Collects the problems of one reading, so that all of them can be reported at once. */
export class Problems {
  readonly #list: Diagnostic[] = [];
  readonly #known = new Set<string>();
  #errors = 0;

  error(code: DiagnosticCode, at: SourcePosition, message: string, fix?: string): void {
    this.#errors += 1;
    this.#add("error", code, at, message, fix);
  }

  warn(code: DiagnosticCode, at: SourcePosition, message: string, fix?: string): void {
    this.#add("warning", code, at, message, fix);
  }

  /** Errors so far: whether a part had any is told by counting before and after. */
  get errorCount(): number {
    return this.#errors;
  }

  /** In the order of files, lines and columns: the order in which people repair them. */
  sorted(): readonly Diagnostic[] {
    const files = [...new Set(this.#list.map(({ at }) => at.file))];
    const rank = new Map(files.map((file, index) => [file, index]));
    return this.#list.toSorted(
      (a, b) =>
        (rank.get(a.at.file) ?? 0) - (rank.get(b.at.file) ?? 0) || a.at.line - b.at.line || a.at.column - b.at.column,
    );
  }

  #add(severity: Severity, code: DiagnosticCode, at: SourcePosition, message: string, fix: string | undefined): void {
    if (this.#list.length > maxProblems) return;
    // A fragment is read for every place that includes it.
    const key = `${code} ${at.file}:${at.line}:${at.column} ${message}`;
    if (this.#known.has(key)) return;
    this.#known.add(key);
    if (this.#list.length === maxProblems) {
      this.#list.push({ code: "too-many-problems", severity: "error", message: "more problems are left out", at });
      this.#errors += 1;
      return;
    }
    this.#list.push({ code, severity, message, at, ...(fix === undefined ? {} : { fix }) });
  }
}
