import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { loadDefinition, type LoadOptions, type LoadResult } from "#config/load.ts";
import { readOpen } from "#config/open.ts";
import type { Definition } from "#model/definition.ts";
import type { OpenDefinition } from "#model/open-definition.ts";
import type { DefinitionOptions } from "#cli/definition-options.ts";

export type ReadDefinition =
  | {
      readonly ok: true;
      readonly definition: Definition;
      readonly open: OpenDefinition;
      readonly diagnostics: LoadResult["diagnostics"];
    }
  | { readonly ok: false; readonly diagnostics: LoadResult["diagnostics"] };

/** A definition for another gateway: checked as it is before it runs, and as it is written. No secret is read. */
export async function readDefinition({ config, env, set }: DefinitionOptions): Promise<ReadDefinition> {
  const options: LoadOptions = {
    file: resolve(config),
    ...(env === undefined ? {} : { environment: env }),
    values: set ?? {},
    variables: process.env,
    readFile,
    withoutSecrets: true,
  };
  const { definition, diagnostics } = await loadDefinition(options);
  if (definition === null) return { ok: false, diagnostics };
  const { open, diagnostics: found } = await readOpen(options);
  return open === null ? { ok: false, diagnostics: found } : { ok: true, definition, open, diagnostics };
}
