import { fillHoles } from "#interop/apim/fill-holes.ts";
import { importApis } from "./apis.ts";
import type { Artifacts } from "./artifacts.ts";
import { importBackends } from "./backends.ts";
import { importCaches } from "./caches.ts";
import { Certificates, importCertificates, reportUnusedCertificates } from "./certificates.ts";
import { declareDapr } from "./dapr.ts";
import { definitionText } from "./definition-text.ts";
import { importDiagnostics } from "./diagnostics.ts";
import { DefinitionDraft } from "./draft.ts";
import { Environments } from "./environments.ts";
import { proposeEgress } from "./egress-proposals.ts";
import { importGlobals } from "./fragments.ts";
import { ImportReport } from "./import-report.ts";
import type { Import } from "./import.ts";
import { isRecord } from "./information.ts";
import { reportLeftovers } from "./leftovers.ts";
import { importLoggers } from "./loggers.ts";
import { importNamedValues } from "./named-values.ts";
import { Names } from "./names.ts";
import { importProducts } from "./products.ts";
import type { SubscriptionKeys } from "./subscription-keys.ts";
import { importSchemas } from "./schemas.ts";
import { importSubscriptions } from "./subscriptions.ts";
import { type ImportedUser, importUsers } from "./users.ts";
import { importVersionSets } from "./version-sets.ts";

/** What is to be written, and what became of everything. */
export interface Imported {
  /** Texts by path; `sallyport.yaml` is one of them. */
  readonly files: ReadonlyMap<string, string>;
  /** The same; for the owner's eyes only. */
  readonly secrets: ReadonlyMap<string, string>;
  readonly environments: readonly string[];
  readonly report: ImportReport;
}

/**
 * Turns an APIOps folder into a definition. The same folder gives the same bytes.
 * @param given named values, and what a deployment tool would fill in
 */
export function importFolder(
  artifacts: Artifacts,
  given: Readonly<Record<string, string>>,
  keys: readonly SubscriptionKeys[],
  users: readonly ImportedUser[] = [],
): Imported {
  const report = new ImportReport();
  const draft = new DefinitionDraft();
  const environments = new Environments(artifacts.configurations, report);
  const context: Import = {
    artifacts,
    draft,
    report,
    environments,
    apis: new Names(),
    products: new Names(),
    backends: new Names(),
    insights: new Names(),
    versionSets: new Names(),
    certificates: new Certificates(draft, report),
    settled: new Set(),
    fill: (value) => fillWithin(value, holesOf(artifacts, given)),
  };
  importGlobals(context);
  importNamedValues(context, given);
  importCertificates(context);
  importVersionSets(context);
  importBackends(context);
  importLoggers(context);
  for (const [name, value] of Object.entries(importDiagnostics(context, "", "all APIs") ?? {})) {
    if (value !== undefined) draft.put("diagnostics", name, value);
  }
  importCaches(context);
  importSchemas(context);
  importProducts(context, importApis(context));
  importSubscriptions(context, keys);
  reportUnusedCertificates(context);
  importUsers(context, users);
  declareDapr(context);
  proposeEgress(context);
  reportLeftovers(context);
  const files = new Map([["sallyport.yaml", definitionText(draft, environments)], ...draft.files]);
  return { files, secrets: draft.secrets, environments: environments.names, report };
}

/** A named value that is given is no hole: `{name}` may well be a parameter of a path. */
function holesOf({ texts }: Artifacts, given: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const named = [...texts].filter(([path]) => path.endsWith(".xml") || path.startsWith("named values/"));
  const isNamed = (name: string): boolean =>
    named.some(([path, text]) => text.includes(path.endsWith(".xml") ? `{{${name}}}` : JSON.stringify(name)));
  return Object.fromEntries(Object.entries(given).filter(([name]) => !isNamed(name)));
}

function fillWithin<T>(value: T, holes: Readonly<Record<string, string>>): T {
  if (Object.keys(holes).length === 0) return value;
  return deep(value) as T;

  function deep(one: unknown): unknown {
    if (typeof one === "string") return fillHoles(one, holes);
    if (Array.isArray(one)) return one.map(deep);
    if (!isRecord(one)) return one;
    return Object.fromEntries(Object.entries(one).map(([name, inner]) => [name, deep(inner)]));
  }
}
