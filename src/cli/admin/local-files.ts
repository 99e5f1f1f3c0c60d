import { readFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { bundleOfDocuments } from "#admin/configuration/bundle.ts";
import { loadDefinition } from "#config/load.ts";
import { AdminFailure } from "./connection.ts";
import type { Configuration, Locate } from "./answers.ts";
import { problem } from "#cli/failure.ts";

export interface LocalFiles {
  readonly files: Readonly<Record<string, string>>;
  readonly locate: Locate;
}

/**
 * A definition here, with the OpenAPI and policy documents beside it, under the names that the gateway has for them. Whether it
 * is right is the gateway's to say: its secrets and its environment are not here.
 */
export async function readLocal(file: string, { definition }: Pick<Configuration, "definition">): Promise<LocalFiles> {
  const path = resolve(file);
  const { documents } = await loadDefinition({ file: path, variables: {}, readFile: (name) => readFile(name) });
  if (documents.length === 0) {
    throw new AdminFailure(problem(`${file} cannot be read`, "file-unreadable", "name the definition's file"));
  }
  const { files } = bundleOfDocuments(path, documents);
  const named = [...files].map(([name, text]) => [name === basename(path) ? definition : name, text] as const);
  return {
    files: Object.fromEntries(named),
    locate: (name) => (name === definition ? path : join(dirname(path), name)),
  };
}
