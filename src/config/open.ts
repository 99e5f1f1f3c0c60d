import { resolve } from "node:path";
import type {
  OpenApi,
  OpenDefinition,
  OpenDocument,
  OpenSchema,
  OpenValue,
  OpenVault,
  OpenVersionSet,
} from "#model/open-definition.ts";
import type { Diagnostic } from "#model/diagnostic.ts";
import type { PolicyNode } from "#model/policy-tree.ts";
import { type NamedValue, NamedValues } from "#notation/named-values.ts";
import type { Fragments, PolicyReading } from "#notation/policies/policy-reading.ts";
import { Problems } from "#notation/problems.ts";
import { parseYaml } from "#notation/yaml/parse.ts";
import { selectEnvironment } from "./environments/select.ts";
import { definitionFile, DefinitionFiles, type FileKind, openApiFile, schemaFile, wsdlFile } from "./files.ts";
import { DefinitionFragments } from "./fragments.ts";
import type { LoadOptions } from "./load.ts";
import { plainReading } from "./plain-reading.ts";
import { fetchPolicyFiles } from "./policy-files.ts";
import type { Named } from "./shapes/record.ts";
import type { SecretSource } from "./shapes/secret.ts";
import type { Located } from "./shapes/shape.ts";
import type { ApiInput } from "./table/api.ts";
import type { BackendInput } from "./table/backend.ts";
import type { ValueInput } from "./table/environment.ts";
import { rootShape } from "./table/root.ts";
import type { SchemaInput } from "./table/schema.ts";
import type { VersionSetInput } from "./table/version-set.ts";
import { typed } from "./values.ts";
import { policyFileReader } from "./xml-policies.ts";

export interface OpenResult {
  /** Null when there is any error: a definition that {@link loadDefinition} takes has none. */
  readonly open: OpenDefinition | null;
  readonly diagnostics: readonly Diagnostic[];
}

/** Reads a definition for another gateway. No secret is looked for. */
export async function readOpen(options: LoadOptions): Promise<OpenResult> {
  const problems = new Problems();
  const path = resolve(options.file);
  const files = new DefinitionFiles(path, options.readFile, problems);
  const text = await files.text(path, { file: path, line: 1, column: 1 }, definitionFile);
  const file = text === undefined ? null : parseYaml(path, text, problems);
  if (file === null) return { open: null, diagnostics: problems.sorted() };
  const unfilled = plainReading(file, problems, new NamedValues(new Map()), () => undefined);
  const { environment, root } = selectEnvironment(unfilled, options.environment, options.now ?? Date.now());
  const { input } = environment;
  const values = valuesOf(input.values, options.values ?? {});
  const policyFiles = await fetchPolicyFiles(unfilled, root, files, problems);
  const plain: PolicyReading = { ...plainReading(file, problems, values, () => undefined), open: true };
  const reading: PolicyReading = {
    ...plain,
    fragments: standing,
    readPolicyFile: policyFileReader(() => reading, policyFiles),
  };
  const fragments = new DefinitionFragments(plain, root, policyFiles);
  const read = rootShape.read(reading, root);
  const open: OpenDefinition = {
    values: input.values.map(({ name, value }) => openValue(name, value, options.values ?? {})),
    policies: read.policies,
    fragments: fragments.names.map((name) => ({ name, policies: nodesOf(fragments, name, file.at(0)) })),
    apis: await Promise.all(read.apis.map((api) => openApi(api, files))),
    products: new Map(read.products.map(({ name, value }) => [name, value.policies])),
    schemas: (await Promise.all(read.schemas.map((schema) => openSchema(schema, files)))).flat(),
    certificates: read.certificates.map(({ name, value: { pfx } }) => ({ name, vault: vaultOf(pfx) })),
    shownCertificates: new Map(read.backends.flatMap(shownCertificate)),
    versionSets: read.versionSets.map(({ name, value }) => ({ name, scheme: schemeOf(value) })),
  };
  return { open: problems.errorCount === 0 ? open : null, diagnostics: problems.sorted() };
}

/** What includes a fragment stays as it is. */
const standing: Fragments = {
  names: [],
  read: (name, _place, at): readonly PolicyNode[] => [
    { name: "include-fragment", at, args: { fragmentId: { kind: "literal", value: name } } },
  ],
};

function nodesOf(fragments: DefinitionFragments, name: string, at: PolicyNode["at"]): readonly PolicyNode[] {
  const place = { section: null, scope: null, inside: null, only: null, seen: new Set<string>(), depth: 0 };
  return fragments.read(name, place, at) ?? [];
}

/** A secret has its place: what needs its text is not read here. */
function valuesOf(values: readonly Named<ValueInput>[], overrides: Readonly<Record<string, string>>): NamedValues {
  return new NamedValues(new Map(values.map(({ name, value }) => [name, namedValue(value, overrides[name])])));
}

function namedValue(value: ValueInput, override: string | undefined): NamedValue {
  if (value.kind !== "plain") return { secret: true, value: "", origin: "elsewhere" };
  if (override !== undefined) return { secret: false, value: typed(override), text: override };
  return { secret: false, value: value.value, text: value.text };
}

function openValue(name: string, value: ValueInput, overrides: Readonly<Record<string, string>>): OpenValue {
  if (value.kind === "plain") return { name, secret: false, value: overrides[name] ?? value.text };
  if (value.kind !== "vault") return { name, secret: true, vault: null };
  return { name, secret: true, vault: vaultOf(value) };
}

function vaultOf(source: SecretSource | undefined): OpenVault | null {
  if (source?.kind !== "vault") return null;
  const { secret, clientId } = source;
  return { secretIdentifier: `${secret.origin}${secret.path}`, identityClientId: clientId };
}

function shownCertificate({ name, value }: Named<BackendInput>): readonly (readonly [string, string])[] {
  const shown = value.tls?.value.clientCertificate?.value;
  return shown === undefined ? [] : [[name, shown]];
}

async function openSchema(
  { name, value, at }: Named<SchemaInput>,
  files: DefinitionFiles,
): Promise<readonly OpenSchema[]> {
  const kind = value.xml === undefined ? "json" : "xml";
  const document = await documentOf(value[kind], files, schemaFile);
  return document === null ? [] : [{ name, kind, document, at }];
}

async function openApi({ name, value }: Named<ApiInput>, files: DefinitionFiles): Promise<OpenApi> {
  const operations = (value.operations?.value ?? []).filter((one) => Object.keys(one.value.policies).length > 0);
  return {
    name,
    path: value.path ?? "/",
    policies: value.policies,
    operations: new Map(operations.map((one) => [one.name, one.value.policies])),
    openapi: await documentOf(value.openapi, files, openApiFile),
    wsdl: await documentOf(value.wsdl, files, wsdlFile),
  };
}

async function documentOf(
  file: Located<string> | undefined,
  files: DefinitionFiles,
  kind: FileKind,
): Promise<OpenDocument | null> {
  const text = file === undefined ? undefined : await files.text(file.value, file.at, kind);
  return file === undefined || text === undefined ? null : { name: file.value, text };
}

function schemeOf({ header, query }: VersionSetInput): OpenVersionSet["scheme"] {
  if (header !== undefined) return { kind: "header", parameter: header };
  return query === undefined ? { kind: "segment" } : { kind: "query", parameter: query };
}
