/** A place in a file of the definition. Lines and columns count from 1. */
export interface SourcePosition {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

export type Severity = "error" | "warning";

/** One problem of a definition: what, where, and what to do about it. */
export interface Diagnostic {
  /** Stable, kebab-case; listed in docs/reference/diagnostics.md. */
  readonly code: string;
  readonly severity: Severity;
  /** One sentence that names the thing and what is wrong with it. Never holds a secret's value. */
  readonly message: string;
  readonly at: SourcePosition;
  /** What to write instead, when that can be said. */
  readonly fix?: string;
}
