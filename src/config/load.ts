import { resolve } from "node:path";
import type { VaultReader } from "#model/key-vault.ts";
import type { Definition } from "#model/definition.ts";
import type { Diagnostic } from "#model/diagnostic.ts";
import { catalogue } from "#notation/catalogue/catalogue.ts";
import { checkCel } from "#notation/cel/check.ts";
import { NamedValues } from "#notation/named-values.ts";
import { child } from "#notation/yaml/child.ts";
import { validatingPolicies } from "#model/operation-description.ts";
import type { ArgumentUse, PolicyReading } from "#notation/policies/policy-reading.ts";
import { Problems } from "#notation/problems.ts";
import { parseYaml } from "#notation/yaml/parse.ts";
import type { YamlPieces } from "#notation/yaml/pieces.ts";
import type { YamlFile } from "#notation/yaml/yaml-file.ts";
import { fetchPolicyFiles } from "./policy-files.ts";
import { withPolicyFiles } from "./xml-policies.ts";
import { checkCsharp } from "#notation/csharp/check.ts";
import { asksForWsdl, schemaParts, schemasOf } from "./build/schemas.ts";
import { buildDefinition } from "./build/definition.ts";
import { chooseEnvironment, compareEnvironments } from "./environments/choose.ts";
import { withExceptions } from "./environments/exceptions.ts";
import { checkExpiry } from "./environments/expiry.ts";
import { inheritEnvironments } from "./environments/inherit.ts";
import { withOverlays } from "./environments/overlay.ts";
import { definitionFile, DefinitionFiles, type ReadFile, type SourceFile } from "./files.ts";
import { fetchResources } from "./resources.ts";
import { SecretReader, type Variables } from "./secrets.ts";
import { environmentsShape } from "./table/environment.ts";
import { rootShape } from "./table/root.ts";
import { readValues, reportUnused } from "./values.ts";

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
  const problems = new Problems();
  const path = resolve(options.file);
  options.pieces?.begin();
  const files = new DefinitionFiles(path, options.readFile, problems);
  const text = await files.text(path, { file: path, line: 1, column: 1 }, definitionFile);
  const file = text === undefined ? null : parseYaml(path, text, problems, options.pieces);
  const built = file === null ? undefined : await read(file, options, files, problems);
  const usable = built !== undefined && problems.errorCount === 0;
  return {
    definition: usable ? { ...built, files: files.names } : null,
    diagnostics: problems.sorted(),
    files: files.names,
    documents: files.documents,
  };
}

async function read(
  file: YamlFile,
  options: LoadOptions,
  files: DefinitionFiles,
  problems: Problems,
): Promise<Omit<Definition, "files">> {
  const secrets = new SecretReader(options.variables, files, problems, options.vault);
  const uses: ArgumentUse[] = [];
  const unfilled = readingOf(file, problems, new NamedValues(new Map()), uses);
  const text = file.root(problems);
  const written = child(unfilled, text, "environments");
  const inputs = written === undefined ? [] : (environmentsShape.read(unfilled, written) ?? []);
  const environments = inheritEnvironments(inputs, problems);
  const environment = chooseEnvironment(environments, options.environment, file.at(0), problems);
  compareEnvironments(environments, environment, problems);
  const now = options.now ?? Date.now();
  checkExpiry(inputs, environment, problems, now);
  const overlaid = withOverlays(unfilled, text, environment.input);
  const own = environment.input.line.at(-1)?.value.exceptions ?? [];
  const { root, exceptions } = withExceptions(unfilled, overlaid, own);

  const values = await readValues(environment, options.values ?? {}, secrets, problems);
  const policyFiles = await fetchPolicyFiles(unfilled, root, files, problems);
  const reading = withPolicyFiles(readingOf(file, problems, values, uses), root, policyFiles);
  const input = rootShape.read(reading, root);
  reading.fragments.checkUnused();
  if (environment.meant) reportUnused(environment, values, problems);
  const parts = schemaParts(input.schemas, uses);
  const schemas = new Set(uses.flatMap(schemasOf).map(({ name }) => name));
  const wanted = { schemas, wsdl: uses.some(({ policy, args }) => asksForWsdl(policy, args)) };
  const describes = uses.some(validates);
  const resources = await fetchResources(input, files, secrets, problems, describes, parts, wanted, options.pieces);
  const built = buildDefinition(input, environment, resources, uses, problems, now);
  return { ...built, ...(exceptions.length === 0 ? {} : { exceptions }), usesVault: secrets.usesVault };
}

/** A reading that knows no file but the definition itself. */
function readingOf(file: YamlFile, problems: Problems, values: NamedValues, uses: ArgumentUse[]): PolicyReading {
  return {
    file,
    problems,
    values,
    catalogue,
    checkCel,
    checkCsharp,
    onArgument: (use) => void uses.push(use),
    fragments: { names: [], read: () => undefined },
    readPolicyFile: () => ({}),
  };
}

function validates({ policy }: ArgumentUse): boolean {
  return validatingPolicies.has(policy);
}
