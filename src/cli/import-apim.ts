import { readFile, stat } from "node:fs/promises";
import { basename, extname, join } from "node:path";
import type { Diagnostic } from "#model/diagnostic.ts";
import { diagnosticsToJson } from "#config/format.ts";
import { loadDefinition } from "#config/load.ts";
import { readArtifacts } from "#interop/apim/import/artifacts.ts";
import { importDocument } from "#interop/apim/import/import-document.ts";
import { type Imported, importFolder } from "#interop/apim/import/import-folder.ts";
import { readKeys, type SubscriptionKeys } from "#interop/apim/import/subscription-keys.ts";
import { readUsers } from "#interop/apim/import/users.ts";
import { writeImport } from "#interop/apim/import/write-import.ts";
import { problem } from "./failure.ts";
import { describeImport } from "./import-summary.ts";

export interface WriteOptions {
  readonly output: string;
  readonly keys: readonly string[];
  readonly users?: string;
  readonly set: Readonly<Record<string, string>>;
  readonly force: boolean;
  readonly json: boolean;
}

/** What an import wrote, and what its definition still lacks. */
export interface ImportResult {
  readonly output: string;
  readonly imported: Imported;
  /** Of the written definition, in each of its environments; secrets that are not there yet are left out. */
  readonly problems: readonly Diagnostic[];
}

/** Writes a definition from an APIOps folder, or around one policy document. @returns the exit code */
export async function importApim(path: string, options: WriteOptions): Promise<number> {
  const imported = (await stat(path)).isFile() ? await fromDocument(path, options) : await fromFolder(path, options);
  if (typeof imported === "number") return imported;
  const refusal = await writeImport(options.output, imported, options.force);
  if (refusal !== undefined) {
    return fail(refusal, "import-output", "name a new folder with --output, or replace an earlier import with --force");
  }
  const result = { output: options.output, imported, problems: await problemsOf(options.output, imported) };
  process.stdout.write(options.json ? `${JSON.stringify(toJson(result), null, 2)}\n` : describeImport(result));
  return result.problems.some(({ severity }) => severity === "error") ? 1 : 0;
}

async function fromDocument(path: string, { set }: WriteOptions): Promise<Imported | number> {
  const imported = importDocument(basename(path, extname(path)), await readFile(path, "utf8"), set);
  return typeof imported === "string"
    ? fail(
        `${path} ${imported}`,
        "import-folder",
        "name an APIOps folder, or a file whose root is policies or fragment",
      )
    : imported;
}

async function fromFolder(path: string, options: WriteOptions): Promise<Imported | number> {
  const artifacts = await readArtifacts(path);
  if (typeof artifacts === "string") return fail(artifacts, "import-folder", "name the folder that holds apis");
  const keys = await readAllKeys(options.keys);
  if (typeof keys === "string")
    return fail(keys, "import-keys", "export subscription, scope, primaryKey, secondaryKey");
  const users = options.users === undefined ? [] : readUsers(await readFile(options.users, "utf8"));
  return typeof users === "string"
    ? fail(`${options.users ?? ""} ${users}`, "import-users", "export id, email, firstName, lastName, state, groups")
    : importFolder(artifacts, options.set, keys, users);
}

function fail(message: string, code: string, fix: string): number {
  process.stderr.write(`${problem(message, code, fix)}\n`);
  return 1;
}

async function readAllKeys(paths: readonly string[]): Promise<readonly SubscriptionKeys[] | string> {
  const all: SubscriptionKeys[] = [];
  for (const path of paths) {
    const keys = readKeys(basename(path, extname(path)), await readFile(path, "utf8"));
    if (typeof keys === "string") return `${path} ${keys}`;
    all.push(...keys);
  }
  return all;
}

/** As `sallyport check` would say them. */
async function problemsOf(output: string, { environments }: Imported): Promise<readonly Diagnostic[]> {
  const all = new Map<string, Diagnostic>();
  const file = join(output, "sallyport.yaml");
  for (const environment of environments) {
    const result = await loadDefinition({
      file,
      ...(environments.length === 1 ? {} : { environment }),
      variables: process.env,
      readFile,
    });
    for (const one of result.diagnostics) {
      if (one.code === "secret-missing" || one.code === "vault-unavailable" || one.code === "value-unused") continue;
      all.set(`${one.code} ${one.at.file}:${one.at.line}:${one.at.column} ${one.message}`, one);
    }
  }
  return [...all.values()];
}

function toJson({ output, imported, problems }: ImportResult): unknown {
  const { mapped, needs, unsupported, notes, egress } = imported.report;
  const files = [...imported.files.keys(), ...imported.secrets.keys()];
  return {
    output,
    files,
    environments: imported.environments,
    mapped,
    needs,
    unsupported,
    notes,
    egress,
    problems: diagnosticsToJson(problems),
  };
}
