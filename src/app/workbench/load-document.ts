import { createHash } from "node:crypto";
import { loadDefinition, type LoadResult } from "#config/load.ts";
import type { WorkbenchContext } from "./context.ts";

export interface DocumentToRun {
  /** As messages name it. */
  readonly path: string;
  readonly text: string;
  /** Texts of the fragments, by id. */
  readonly fragments: Readonly<Record<string, string>>;
}

export const apiName = "api";
export const serviceName = "service";

/**
 * Loads a document in a definition that holds nothing else, by the very reader of the gateway: what does not load there
 * does not load here.
 */
export async function loadDocument(document: DocumentToRun, context: WorkbenchContext): Promise<LoadResult> {
  const secrets = Object.entries(context.secrets ?? {});
  const files = new Map([["/workbench/sallyport.yaml", JSON.stringify(definitionFor(context, document))]]);
  files.set("/workbench/policy.xml", document.text);
  const certificates = Object.values(context.certificates ?? {});
  for (const [at, text] of certificates.entries()) files.set(`/workbench/${certificateFile(at)}`, text);
  for (const [id, text] of Object.entries(document.fragments)) files.set(`/workbench/${fileOf(id)}`, text);
  const result = await loadDefinition({
    file: "/workbench/sallyport.yaml",
    variables: Object.fromEntries([
      ...secrets.map(([, value], at) => [`SECRET_${at}`, value]),
      ...certificates.map((text, at) => [`KEY_${at}`, text]),
    ]),
    readFile: async (path) => {
      const text = files.get(path);
      if (text === undefined) throw Object.assign(new Error("no such file"), { code: "ENOENT" });
      return new TextEncoder().encode(text);
    },
  });
  // A value that this document does not use is no slip: the same context serves many.
  const diagnostics = result.diagnostics
    .filter(({ code }) => code !== "value-unused")
    .map((one) => ({ ...one, at: { ...one.at, file: shownPath(one.at.file, document.path) } }));
  return { ...result, diagnostics };
}

/** Where a message says that something stands. */
export function shownPath(file: string, path: string): string {
  return file.endsWith("policy.xml") ? path : file.replace(/^.*\/workbench\//, "");
}

function fileOf(fragment: string): string {
  return `fragment-${createHash("sha256").update(fragment).digest("hex").slice(0, 12)}.xml`;
}

function certificateFile(at: number): string {
  return `certificate-${at}.pem`;
}

/** Certificate and key may stand in one text. */
function certificatesOf({ certificates = {} }: WorkbenchContext): object {
  const named = Object.entries(certificates).map(([name, text], at) => {
    const key = text.includes("PRIVATE KEY-----") ? { key: { env: `KEY_${at}` } } : {};
    return [name, { certificate: `./${certificateFile(at)}`, ...key }];
  });
  return Object.fromEntries(named);
}

/** Nothing is sent to them: whatever a document names is there. */
function loggersOf(texts: readonly string[]): object {
  const names = texts.flatMap((text) => [...text.matchAll(/\blogger-id\s*=\s*["']([\w.-]{1,128})["']/g)]);
  return Object.fromEntries(names.map(([, name = ""]) => [name, { url: `https://${name}.logger.example/messages` }]));
}

function definitionFor(context: WorkbenchContext, { fragments, text }: DocumentToRun): object {
  const texts = [text, ...Object.values(fragments)];
  const { scope = "api", api = {}, operation, product, backends = {}, values = {}, secrets = {} } = context;
  const policies = (here: string): object => (scope === here ? { policies: "./policy.xml" } : {});
  const held: WorkbenchContext["product"] = product ?? (scope === "product" ? { name: "product" } : undefined);
  const one: NonNullable<WorkbenchContext["operation"]> = operation ?? { method: "*", template: "/{*rest}" };
  return {
    version: 1,
    errors: context.errors ?? "api-management",
    dapr: {},
    ...policies("global"),
    fragments: Object.fromEntries(Object.keys(fragments).map((id) => [id, `./${fileOf(id)}`])),
    apis: {
      [api.name ?? apiName]: {
        displayName: api.displayName ?? api.name ?? apiName,
        // As API Management writes it, and as it stands in a definition.
        path: `/${(api.path ?? "").replace(/^\/+/, "")}`,
        backend: serviceName,
        access: "public",
        operations: {
          [one.name ?? "operation"]: { method: one.method, path: one.template, ...policies("operation") },
        },
        ...policies("api"),
      },
    },
    certificates: certificatesOf(context),
    loggers: loggersOf(texts),
    backends: {
      [serviceName]: { url: api.serviceUrl ?? "https://backend.example" },
      ...Object.fromEntries(Object.entries(backends).map(([name, url]) => [name, { url }])),
    },
    ...(held === undefined
      ? {}
      : {
          products: {
            [held.name]: {
              displayName: held.displayName ?? held.name,
              apis: [api.name ?? apiName],
              subscription: context.subscription === undefined ? "open" : "key",
              approvalRequired: held.approvalRequired,
              subscriptionsLimit: held.subscriptionsLimit,
              groups: held.groups,
              ...policies("product"),
            },
          },
        }),
    environments: {
      dev: {
        values: {
          ...values,
          ...Object.fromEntries(Object.keys(secrets).map((name, at) => [name, { env: `SECRET_${at}` }])),
        },
      },
    },
  };
}
