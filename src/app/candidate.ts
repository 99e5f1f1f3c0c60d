import { join } from "node:path";
import { nameProblem, tooManyFiles } from "#admin/configuration/bundle.ts";
import type { Candidate, RunningConfiguration } from "#admin/configuration/port.ts";
import type { Diagnostic } from "#model/diagnostic.ts";
import type { ReadResult } from "./definition/read-result.ts";
import type { LoadDefinition } from "./gateway.ts";

/** Reads a configuration as it would be with the candidate's files. What does not come along is what is in force. */
export async function readCandidate(
  load: LoadDefinition,
  { bundle, folder, definition }: RunningConfiguration,
  candidate: Candidate,
): Promise<ReadResult> {
  const texts = new Map([...bundle.files, ...candidate].map(([name, text]) => [join(folder, name), text]));
  const result = await load(texts);
  const problems = nameProblems(folder, definition, candidate, result);
  if (problems.length === 0) return result;
  return { ...result, definition: null, diagnostics: [...problems, ...result.diagnostics] };
}

/** A file that nothing refers to would be written for no reason, and under a name that its sender chose. */
function nameProblems(
  folder: string,
  definition: string,
  candidate: Candidate,
  { documents, definition: read }: ReadResult,
): readonly Diagnostic[] {
  const known = new Set(documents.map(({ path }) => path));
  const error = (name: string, code: string, message: string, fix: string): Diagnostic => {
    return { code, severity: "error", message, at: { file: join(folder, name), line: 1, column: 1 }, fix };
  };
  const many = tooManyFiles(candidate.size);
  if (many !== undefined) return [error(definition, "file-name", many, "send fewer")];
  return [...candidate.keys()].flatMap((name) => {
    if (name === definition) return [];
    const bad = nameProblem(name);
    if (bad !== undefined) return [error(name, "file-name", `the name ${bad}`, "name it like openapi/orders.yaml")];
    if (read === null || known.has(join(folder, name))) return [];
    return [error(name, "file-unused", "the definition does not refer to this file", "leave it out")];
  });
}
