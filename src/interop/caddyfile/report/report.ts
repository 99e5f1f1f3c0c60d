import type { Token } from "#interop/caddyfile/syntax/token.ts";
import { type ImportCode, importCodes, type ProblemKind } from "./codes.ts";

export type Place = Pick<Token, "file" | "line">;

export interface ImportProblem {
  readonly file: string;
  readonly line: number;
  readonly code: ImportCode;
  readonly kind: ProblemKind;
  readonly message: string;
}

/** Most problems that are kept; a file with more is not a matter of reading them one by one. */
const maxProblems = 500;

/** What an import has to say, and how much of the file it took over. */
export class Report {
  readonly #problems: ImportProblem[] = [];
  readonly #said = new Set<string>();
  readonly #counted = new Set<object>();
  readonly #lost = new Set<object>();

  get problems(): readonly ImportProblem[] {
    return this.#problems.toSorted((a, b) => (a.file === b.file ? a.line - b.line : a.file < b.file ? -1 : 1));
  }

  /** Directives and options that were looked at; one that runs in several places counts once. */
  get directives(): number {
    return this.#counted.size;
  }

  get mapped(): number {
    return this.#counted.size - this.#lost.size;
  }

  get isWhole(): boolean {
    return !this.#problems.some(({ kind }) => kind === "loss" || kind === "error");
  }

  count(line: object): void {
    this.#counted.add(line);
  }

  say(code: ImportCode, { file, line }: Place, message: string): void {
    const key = `${code} ${file}:${line} ${message}`;
    if (this.#said.has(key) || this.#problems.length >= maxProblems) return;
    this.#said.add(key);
    this.#problems.push({ file, line, code, kind: importCodes[code].kind, message });
  }

  /** @returns how many losses and errors were said so far: who runs a directive sees by it whether that lost something */
  get losses(): number {
    return this.#problems.filter(({ kind }) => kind === "loss" || kind === "error").length;
  }

  lose(line: object): void {
    this.#lost.add(line);
  }
}
