import type { DescribedSchema } from "#model/operation-description.ts";
import type { Secret } from "#model/secret.ts";
import { readNamedSchemas } from "#notation/openapi/named-schema.ts";
import { type DescribedOperation, readOpenApi } from "#notation/openapi/operations.ts";
import type { XsdSet } from "#notation/xsd/read-xsd.ts";
import type { Problems } from "#notation/problems.ts";
import { parseYaml } from "#notation/yaml/parse.ts";
import type { YamlPieces } from "#notation/yaml/pieces.ts";
import { certificateFile, type DefinitionFiles, openApiFile, pageFile, schemaFile } from "./files.ts";
import { readGraphqlSchema } from "./graphql-schema.ts";
import { readXmlSchemas } from "./xml-schemas.ts";
import type { Secrets } from "./secrets.ts";
import type { SecretSource } from "./shapes/secret.ts";
import type { Located } from "./shapes/shape.ts";
import type { Named } from "./shapes/record.ts";
import type { ApiInput } from "./table/api.ts";
import type { HandlerInput } from "./table/handler.ts";
import { dnsSecrets } from "./build/acme-dns.ts";
import { basicSources } from "./build/basic.ts";
import { credentialSources } from "./build/backend-credentials.ts";
import { loggerSources } from "./build/loggers.ts";
import { sinkSources } from "./build/sinks.ts";
import type { IssuerInput } from "./table/acme.ts";
import type { RootInput } from "./table/root.ts";

/** What the definition refers to outside itself. What could not be had is missing here, and reported. */
export interface Resources {
  readonly secrets: ReadonlyMap<SecretSource, Secret>;
  /** Secrets that are no text, as base64. */
  readonly binaries: ReadonlyMap<SecretSource, Secret>;
  /** By the name that the definition gives the file. */
  readonly documents: ReadonlyMap<string, readonly DescribedOperation[]>;
  readonly certificates: ReadonlyMap<string, string>;
  /** Of each file the parts that policies name. */
  readonly schemas: ReadonlyMap<string, ReadonlyMap<string, DescribedSchema>>;
  /** Schemas for XML that policies name, by name. */
  readonly xmlSchemas: ReadonlyMap<string, XsdSet>;
  /** Those of APIs' WSDL documents, where a policy asks for them. */
  readonly wsdlSchemas: ReadonlyMap<string, XsdSet>;
  /** Bodies of static answers. */
  readonly pages: ReadonlyMap<string, string>;
  /** GraphQL schemas, which can be read. */
  readonly graphqlSchemas: ReadonlyMap<string, string>;
  /** Absolute names of folders that files are served from. */
  readonly folders: ReadonlyMap<string, string>;
  /** Absolute name of a file or folder that the definition names. */
  readonly resolve: (name: string) => string;
}

export interface WantedSchemas {
  /** Names of schemas that policies name. */
  readonly schemas: ReadonlySet<string>;
  /** A policy holds messages to the WSDL of their API. */
  readonly wsdl: boolean;
}

/**
 * Fetches all of it: files and secrets.
 * @param parts of each file with schemas those that policies name
 * @param describes a policy validates messages, so that what documents say of them is read too
 */
export async function fetchResources(
  root: RootInput,
  files: DefinitionFiles,
  secrets: Secrets,
  problems: Problems,
  describes: boolean,
  parts: ReadonlyMap<string, readonly string[]>,
  wanted: WantedSchemas,
  pieces?: YamlPieces,
): Promise<Resources> {
  const documents = root.apis.map(({ value }) => value.openapi);
  const matched = new Set(
    root.apis.filter(({ value }) => value.matchQuery !== undefined).map(({ value }) => value.openapi?.value),
  );
  const handlers = [...root.apis.flatMap(handlersOf), ...root.endings.map(({ value }) => value)];
  const certificates = [
    ...root.backends.flatMap(({ value }) => [value.ca, value.tls?.value.certificate]),
    ...root.certificates.map(({ value }) => value.certificate),
    ...(root.edge.clientCertificates?.value.ca ?? []),
    ...(root.edge.listen.https?.value ?? []).flatMap(({ value }) => value.clientCertificates?.value.ca ?? []),
    root.admin.tls?.certificate,
    root.telemetry.otlp?.ca,
    ...root.audit.sinks.flatMap(({ value }) => [value.ca, value.kafka?.value.certificate]),
    root.cache.external?.value.ca,
    ...root.edge.certificates.map(({ certificate }) => certificate),
    ...issuersOf(root).map(({ ca }) => ca),
    ...root.identity.providers.map(({ value }) => value.ca),
    ...root.serviceFabric.map(({ value }) => value.ca),
    ...root.apis.flatMap(oldGatewaysOf),
  ];
  return {
    secrets: await fetchSecrets(root, secrets),
    binaries: await fetchEach(
      root.certificates.map(({ value }) => value.pfx),
      (source) => secrets.readBinary(source),
    ),
    documents: await each(documents, (file) =>
      readDocument(file, files, problems, { describes, matchesQuery: matched.has(file.value) }, pieces),
    ),
    schemas: await each(
      root.schemas.map(({ value }) => value.json),
      (file) => readSchemas(file, files, problems, parts.get(file.value) ?? []),
    ),
    ...(await readXmlSchemas(root.schemas, wanted.schemas, wanted.wsdl ? wsdlsOf(root) : [], files, problems)),
    certificates: await each(certificates, (file) => readCertificate(file, files, problems)),
    pages: await each(
      [
        ...handlers.map(({ respond }) => respond?.value.file),
        ...[root, ...root.apis.map(({ value }) => value)].map(({ maintenance }) => maintenance?.page),
      ],
      (file) => files.text(file.value, file.at, pageFile),
    ),
    graphqlSchemas: await each(
      root.apis.map(({ value }) => value.graphql),
      (file) => readGraphqlSchema(file, files, problems),
    ),
    folders: await each(
      handlers.flatMap(({ files: site, fastcgi }) => [site?.value.root, fastcgi?.value.root]),
      (folder) => files.folder(folder.value, folder.at),
    ),
    resolve: (name) => files.resolve(name),
  };
}

function wsdlsOf({ apis }: RootInput): readonly Located<string>[] {
  return apis.map(({ value }) => value.wsdl).filter((file) => file !== undefined);
}

/** Of every API and of every operation that the definition names. */
function handlersOf({ value }: Named<ApiInput>): readonly HandlerInput[] {
  return [value, ...(value.operations?.value ?? []).map((operation) => operation.value)];
}

function fetchSecrets(root: RootInput, secrets: Secrets): Promise<ReadonlyMap<SecretSource, Secret>> {
  const sources = [
    ...root.identity.providers.flatMap(({ value }) => [value.clientSecret, value.clientKey, value.scim?.token]),
    ...basicSources(root.identity.basic),
    ...root.connections.flatMap(({ value }) =>
      value.flatMap((connection) => [connection.value.clientSecret, connection.value.clientKey]),
    ),
    ...root.subscriptions.flatMap(({ value }) => [value.key, value.secondaryKey]),
    ...root.apis.flatMap(({ value }) => value.acmeServer?.value.externalAccounts ?? []).map(({ value }) => value.key),
    ...root.loggers.flatMap(({ value }) => loggerSources(value)),
    ...(root.announcements?.webhooks.map(({ value }) => value.secret) ?? []),
    root.announcements?.email?.password,
    ...root.serviceBus.map(({ value }) => value.key),
    root.admin.tls?.key,
    root.cache.external?.value.password,
    ...(root.telemetry.otlp?.headers ?? []).map(({ value }) => value),
    ...root.audit.sinks.flatMap(({ value }) => sinkSources(value)),
    root.edge.proxySecret?.value.value,
    root.edge.forwardAuth?.value.secret?.value,
    ...root.backends.map(({ value }) => value.tls?.value.key),
    ...root.backends.flatMap(({ value }) => credentialSources(value)),
    ...root.secretRotations.map(({ value }) => value.secret),
    ...root.edge.certificates.map(({ key }) => key),
    ...root.certificates.flatMap(({ value }) => [value.key, value.password]),
    ...issuersOf(root).map(({ eab }) => eab?.hmacKey),
    root.edge.acme?.value.storageKey,
    ...dnsSecrets(root.edge.acme?.value.dns?.value),
  ];
  return fetchEach(sources, (source) => secrets.read(source));
}

async function fetchEach(
  sources: readonly (SecretSource | undefined)[],
  read: (source: SecretSource) => Promise<Secret | undefined>,
): Promise<ReadonlyMap<SecretSource, Secret>> {
  const found = new Map<SecretSource, Secret>();
  for (const source of sources) {
    const secret = source === undefined ? undefined : await read(source);
    if (source !== undefined && secret !== undefined) found.set(source, secret);
  }
  return found;
}

function issuersOf({ edge }: RootInput): readonly IssuerInput[] {
  return edge.acme?.value.issuers ?? [];
}

async function each<T>(
  files: readonly (Located<string> | undefined)[],
  read: (file: Located<string>) => Promise<T | undefined>,
): Promise<ReadonlyMap<string, T>> {
  const found = new Map<string, T>();
  const seen = new Set<string>();
  for (const file of files) {
    if (file === undefined || seen.has(file.value)) continue;
    seen.add(file.value);
    const value = await read(file);
    if (value !== undefined) found.set(file.value, value);
  }
  return found;
}

async function readDocument(
  { value, at }: Located<string>,
  files: DefinitionFiles,
  problems: Problems,
  { describes, matchesQuery }: { readonly describes: boolean; readonly matchesQuery: boolean },
  pieces: YamlPieces | undefined,
): Promise<readonly DescribedOperation[] | undefined> {
  const text = await files.text(value, at, openApiFile);
  const document = text === undefined ? null : parseYaml(files.resolve(value), text, problems, pieces);
  return document === null ? undefined : readOpenApi(document, problems, describes, matchesQuery);
}

async function readSchemas(
  { value, at }: Located<string>,
  files: DefinitionFiles,
  problems: Problems,
  pointers: readonly string[],
): Promise<ReadonlyMap<string, DescribedSchema> | undefined> {
  const text = await files.text(value, at, schemaFile);
  const document = text === undefined ? null : parseYaml(files.resolve(value), text, problems);
  return document === null ? undefined : readNamedSchemas(document, problems, pointers);
}

async function readCertificate(
  { value, at }: Located<string>,
  files: DefinitionFiles,
  problems: Problems,
): Promise<string | undefined> {
  const text = await files.text(value, at, certificateFile);
  if (text === undefined || text.includes("-----BEGIN CERTIFICATE-----")) return text;
  problems.error(
    "value-invalid",
    at,
    `${value} holds no certificate in PEM form`,
    "a PEM file begins with -----BEGIN CERTIFICATE-----",
  );
  return undefined;
}

/** Authorities of the old gateways that an API, or one of its operations, has asked as well. */
function oldGatewaysOf({ value: { shadow, operations } }: Named<ApiInput>): readonly (Located<string> | undefined)[] {
  const said = [shadow, ...(operations?.value ?? []).map(({ value }) => value.shadow)];
  return said.map((one) => (one === undefined || one === "off" ? undefined : one.ca));
}
