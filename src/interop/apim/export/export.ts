import type { Definition } from "#model/definition.ts";
import type { OpenDefinition } from "#model/open-definition.ts";
import type { PolicyDocument, PolicyNode } from "#model/policy-tree.ts";
import { sections } from "#model/policy-tree.ts";
import type { TokenNames } from "#notation/cel-csharp/principal.ts";
import { type Translation, translateDocument } from "#notation/cel-csharp/translate-policies.ts";
import type { XmlForm } from "#notation/xml/write-value.ts";
import { writeXmlPolicies } from "#notation/xml/write.ts";
import type { ExportReport } from "./export-report.ts";
import { withoutNative } from "./native.ts";

/** One export under way. */
export interface Export {
  readonly definition: Definition;
  readonly open: OpenDefinition;
  readonly report: ExportReport;
  readonly form: XmlForm;
  /** What of the caller's token policies behind those of an API know, by its name; null: nothing. */
  readonly tokens: Map<string, TokenNames | null>;
  /** Texts by path below the folder. */
  readonly files: Map<string, string>;
  /** What policies were written as, by the same path: for whoever reads them again. */
  readonly trees: Map<string, PolicyDocument>;
}

/** Writes the JSON of a resource. */
export function putInformation({ files }: Export, path: string, properties: Readonly<Record<string, unknown>>): void {
  files.set(path, `${JSON.stringify({ properties }, null, 2)}\n`);
}

/** Policies in API Management's words, and with C# where CEL stood. What cannot be is reported as the owner's. */
export function apimPolicies(
  { definition, open, report }: Export,
  owner: string,
  document: PolicyDocument,
  token: TokenNames | null,
): PolicyDocument {
  const native = {
    providers: definition.providers,
    change: (one: PolicyNode, message: string) => report.change(`${owner}: ${one.name}`, message),
    refuse: (one: PolicyNode, message: string) => report.refuse(owner, one.at, message),
  };
  const values = new Map(open.values.map((value) => [value.name, value]));
  const translation: Translation = {
    known: { token, note: (message) => report.change(owner, message) },
    report: ({ at, message }) => report.refuse(owner, at, message),
    fitsInText: (name) => {
      const value = values.get(name);
      return value?.secret === false && !/["\\\p{Cc}]/u.test(value.value);
    },
  };
  // Where a token was refused, on-error runs all the same.
  const { "on-error": after, ...before } = document;
  const unsure = token === null ? null : { ...token, certain: false };
  const translated: PolicyDocument = {
    ...translateDocument(before, translation),
    ...translateDocument(after === undefined ? {} : { "on-error": after }, {
      ...translation,
      known: { ...translation.known, token: unsure },
    }),
  };
  // After it: what a computed value is for is told by the policy that the definition has.
  return Object.fromEntries(
    sections.flatMap((section) => {
      const nodes = translated[section];
      return nodes === undefined ? [] : [[section, withoutNative(nodes, native)] as const];
    }),
  );
}

/** Writes one policy document. */
export function putPolicies(context: Export, owner: string, path: string, document: PolicyDocument): void {
  const { text, problems } = writeXmlPolicies(document, context.form);
  for (const { at, message } of problems) context.report.refuse(owner, at, message);
  context.files.set(path, text);
  context.trees.set(path, document);
}
