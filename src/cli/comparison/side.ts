import { hashDefinition } from "#compile/canonical.ts";
import type { ReadFile } from "#config/files.ts";
import { loadWithParts } from "#config/load.ts";
import type { Parts } from "#config/read-parts.ts";
import type { Definition } from "#model/definition.ts";
import type { Diagnostic } from "#model/diagnostic.ts";

/** One of two definitions that are compared. */
export interface Side {
  readonly definition: Definition;
  readonly values: Parts["environment"]["input"]["values"];
  readonly hash: string;
  /** Warnings. */
  readonly diagnostics: readonly Diagnostic[];
}

/** A failure that a person reads as it is. */
export class SideFailure extends Error {
  readonly diagnostics: readonly Diagnostic[];

  constructor(message: string, diagnostics: readonly Diagnostic[] = []) {
    super(message);
    this.diagnostics = diagnostics;
  }
}

export interface SideOptions {
  /** Absolute. */
  readonly file: string;
  readonly environment: string | undefined;
  readonly readFile: ReadFile;
  /** It is to be put in force: what has ended is an error. */
  readonly isNext?: true;
}

/**
 * Reads a definition for what it says in one environment. No secret is read.
 * @throws SideFailure with the problems when it has errors
 */
export async function readSide({ file, environment, readFile, isNext }: SideOptions): Promise<Side> {
  const { result, parts } = await loadWithParts({
    file,
    readFile,
    variables: {},
    withoutSecrets: true,
    ...(environment === undefined ? {} : { environment }),
    ...(isNext === true ? {} : { isPast: true }),
  });
  const { definition, diagnostics } = result;
  if (definition === null || parts === undefined) throw new SideFailure("", diagnostics);
  return { definition, values: parts.environment.input.values, hash: hashDefinition(definition), diagnostics };
}
