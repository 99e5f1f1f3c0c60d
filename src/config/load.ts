import { resolve } from "node:path";
import type { Definition } from "#model/definition.ts";
import type { Diagnostic } from "#model/diagnostic.ts";
import type { VaultReader } from "#model/key-vault.ts";
import { Problems } from "#notation/problems.ts";
import { parseYaml } from "#notation/yaml/parse.ts";
import type { YamlPieces } from "#notation/yaml/pieces.ts";
import { definitionFile, DefinitionFiles, type ReadFile, type SourceFile } from "./files.ts";
import { type Parts, readParts } from "./read-parts.ts";
import { SecretReader, type Variables } from "./secrets.ts";
import { StandInSecrets } from "./stand-in-secrets.ts";

export interface LoadOptions {
  /** Path of sallyport.yaml. Other files are found relative to it. */
  readonly file: string;
  /** Needed when the definition has several. */
  readonly environment?: string;
  /** Replaces plain values of the environment. */
  readonly values?: Readonly<Record<string, string>>;
  /** Environment variables, for secrets. */
  readonly variables: Variables;
  readonly readFile: ReadFile;
  /** Absent: a secret of a vault is an error. */
  readonly vault?: VaultReader;
  /**
   * No secret is read, and something else stands in its place: for whoever asks what a definition says and does not
   * serve. What is wrong with secrets is not found.
   */
  readonly withoutSecrets?: true;
  /** It is looked at and not put in force: that exceptions have ended is no error. */
  readonly isPast?: true;
  /** Milliseconds since the epoch, for what has expired. Default: now. */
  readonly now?: number;
  /** What was parsed before, for whoever reads again and again, one reading at a time. */
  readonly pieces?: YamlPieces;
}

export interface LoadResult {
  /** Null when there is any error. */
  readonly definition: Definition | null;
  /** Errors and warnings, in the order of files and lines. */
  readonly diagnostics: readonly Diagnostic[];
  /** Every file that was read or could not be read, absolute: what a reload watches. */
  readonly files: readonly string[];
  /** The definition and its OpenAPI documents, as far as they could be read; the definition first. */
  readonly documents: readonly SourceFile[];
}

/**
 * Reads a definition with everything it refers to. All problems are reported at once; none is thrown.
 */
export async function loadDefinition(options: LoadOptions): Promise<LoadResult> {
  return (await loadWithParts(options)).result;
}

/** The same with what was read on the way; undefined: the file is no YAML. */
export async function loadWithParts(
  options: LoadOptions,
): Promise<{ readonly result: LoadResult; readonly parts: Parts | undefined }> {
  const problems = new Problems();
  const path = resolve(options.file);
  options.pieces?.begin();
  const files = new DefinitionFiles(path, options.readFile, problems);
  const text = await files.text(path, { file: path, line: 1, column: 1 }, definitionFile);
  const file = text === undefined ? null : parseYaml(path, text, problems, options.pieces);
  const standIns = options.withoutSecrets === true ? new StandInSecrets() : undefined;
  const secrets = standIns ?? new SecretReader(options.variables, files, problems, options.vault);
  const parts = file === null ? undefined : await readParts(file, options, secrets, files, problems);
  const diagnostics = problems
    .sorted()
    .filter(
      (problem) =>
        standIns?.excuses(problem) !== true && !(options.isPast === true && problem.code === "exception-expired"),
    );
  const usable = parts !== undefined && !diagnostics.some(({ severity }) => severity === "error");
  const result = {
    definition: usable ? { ...parts.definition, files: files.names } : null,
    diagnostics,
    files: files.names,
    documents: files.documents,
  };
  return { result, parts };
}
