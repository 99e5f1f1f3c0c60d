import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { openKeyVault } from "#app/key-vault.ts";
import { readDefinition } from "#cli/apim/read-definition.ts";
import type { DefinitionOptions } from "#cli/definition-options.ts";
import { loadDefinition, type LoadResult } from "#config/load.ts";
import type { Definition } from "#model/definition.ts";

export type Deployed =
  /** `whole`: its secrets are at hand, so that its hash is the running gateway's. */
  | { readonly ok: true; readonly definition: Definition; readonly whole: boolean }
  | { readonly ok: false; readonly diagnostics: LoadResult["diagnostics"] };

/** A definition that runs somewhere: with its secrets where they can be read here, without them elsewhere. */
export async function readDeployed(options: DefinitionOptions): Promise<Deployed> {
  const { config, env, set } = options;
  const whole = await loadDefinition({
    file: resolve(config),
    ...(env === undefined ? {} : { environment: env }),
    values: set ?? {},
    variables: process.env,
    readFile,
    vault: openKeyVault(process.env),
  });
  if (whole.definition !== null) return { ok: true, definition: whole.definition, whole: true };
  const read = await readDefinition(options);
  return read.ok
    ? { ok: true, definition: read.definition, whole: false }
    : { ok: false, diagnostics: read.diagnostics };
}
