import type { Artifacts } from "./artifacts.ts";
import type { Certificates } from "./certificates.ts";
import type { DefinitionDraft } from "./draft.ts";
import type { Environments } from "./environments.ts";
import type { ImportReport } from "./import-report.ts";
import type { Names } from "./names.ts";

/** One import under way. */
export interface Import {
  readonly artifacts: Artifacts;
  readonly draft: DefinitionDraft;
  readonly report: ImportReport;
  readonly environments: Environments;
  readonly apis: Names;
  readonly products: Names;
  readonly backends: Names;
  /** Loggers that diagnostics name. */
  readonly insights: Names;
  readonly versionSets: Names;
  readonly certificates: Certificates;
  /** Files that something was made of. The rest is reported. */
  readonly settled: Set<string>;
  /** Puts given values into the holes of a deployment tool, in every text within. */
  fill<T>(value: T): T;
}

/** A policy document of the folder, copied as it is. @returns how the definition names it; undefined: there is none */
export function policyFile({ artifacts, draft, settled, fill }: Import, path: string, to: string): string | undefined {
  const text = artifacts.texts.get(path);
  if (text === undefined) return undefined;
  settled.add(path);
  return draft.file(to, fill(text));
}
