import type { Definition } from "#model/definition.ts";
import type { OpenDefinition } from "#model/open-definition.ts";
import type { PolicyDocument } from "#model/policy-tree.ts";
import type { XmlForm } from "#notation/xml/write-value.ts";
import { exportApis } from "./apis.ts";
import { exportBackends } from "./backends.ts";
import { exportCertificates } from "./certificates.ts";
import { ExportReport } from "./export-report.ts";
import type { Export } from "./export.ts";
import { exportInsights } from "./diagnostics.ts";
import { exportGlobals } from "./globals.ts";
import { reportLeftOut } from "./left-out.ts";
import { exportLoggers } from "./loggers.ts";
import { exportNamedValues } from "./named-values.ts";
import { exportProducts } from "./products.ts";
import { exportSchemas } from "./schemas.ts";
import { exportSubscriptions } from "./subscriptions.ts";
import { exportVersionSets } from "./version-sets.ts";

/** What is to be written, and what became of everything. */
export interface Exported {
  /** Texts by path, in their order. */
  readonly files: ReadonlyMap<string, string>;
  /** The policies of those that are policy documents. */
  readonly trees: ReadonlyMap<string, PolicyDocument>;
  readonly report: ExportReport;
}

/** Turns a definition into an APIOps folder. The same definition gives the same bytes. */
export function exportFolder(definition: Definition, open: OpenDefinition, form: XmlForm): Exported {
  const report = new ExportReport();
  const context: Export = { definition, open, report, form, tokens: new Map(), files: new Map(), trees: new Map() };
  exportNamedValues(context);
  exportVersionSets(context);
  exportApis(context);
  // After the APIs, whose policies run before these.
  exportGlobals(context);
  exportProducts(context);
  // After all policies: they say which backends are asked for by name.
  exportCertificates(context);
  exportSchemas(context);
  exportBackends(context);
  exportLoggers(context);
  exportInsights(context);
  exportSubscriptions(context);
  reportLeftOut(context);
  const files = new Map([...context.files].toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
  return { files, trees: context.trees, report };
}
