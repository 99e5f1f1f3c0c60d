/** Where imported files come from. */
export interface SourceFiles {
  /** @returns undefined: there is no such file */
  readonly read: (path: string) => string | undefined;
  /** Absolute paths that fit, sorted; `*` does not cross a slash. */
  readonly glob: (pattern: string) => readonly string[];
}
