import type { DiagnosticCode } from "#notation/codes.ts";
import type { Problems } from "#notation/problems.ts";
import type { XmlValue } from "./document.ts";
import type { SourceText } from "./source-text.ts";

/** One slip makes what follows it look wrong as well. */
const maxProblems = 20;

/** Where a scan stands, and what it has found on the way. */
export class Cursor {
  readonly source: SourceText;
  readonly text: string;
  at = 0;
  /** The rest is not looked at any more. */
  stopped = false;
  raw = false;
  readonly expressions: XmlValue[] = [];
  readonly #problems: Problems;
  #count = 0;

  constructor(source: SourceText, problems: Problems) {
    this.source = source;
    this.text = source.text;
    this.#problems = problems;
  }

  get failed(): boolean {
    return this.#count > 0;
  }

  report(code: DiagnosticCode, offset: number, message: string, fix?: string): void {
    this.#count += 1;
    this.#problems.error(code, this.source.at(offset), message, fix);
    if (this.#count >= maxProblems) this.stop();
  }

  stop(): void {
    this.stopped = true;
    this.at = this.text.length;
  }

  /** Goes behind `mark`; to the end, and false, when there is none. */
  goBehind(mark: string, from: number): boolean {
    const found = this.text.indexOf(mark, from);
    this.at = found < 0 ? this.text.length : found + mark.length;
    return found >= 0;
  }

  match(form: RegExp): string | undefined {
    form.lastIndex = this.at;
    const [found] = form.exec(this.text) ?? [];
    if (found !== undefined) this.at += found.length;
    return found;
  }
}
