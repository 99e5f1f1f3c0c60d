import type { Diagnostic } from "#model/diagnostic.ts";
import { catalogue } from "#notation/catalogue/catalogue.ts";
import { NamedValues } from "#notation/named-values.ts";
import type { CsharpCheck } from "#notation/policies/policy-reading.ts";
import { Problems } from "#notation/problems.ts";
import { compiles } from "#notation/xml/expression.ts";
import { readXmlFragment, readXmlPolicies } from "#notation/xml/policies.ts";
import type { XmlReading } from "#notation/xml/reading.ts";
import { scanXml } from "#notation/xml/scan.ts";
import { fillHoles } from "./fill-holes.ts";
import type { PolicyDocumentFile } from "./policy-document.ts";

/** What `--json` prints. */
export interface DocumentsReport {
  readonly documents: number;
  /** Without any error. */
  readonly loaded: number;
  /** `@(…)` and `@{…}` that are not commented out, of documents that could be read. */
  readonly expressions: number;
  readonly compiled: number;
  readonly problems: readonly DocumentProblem[];
}

export interface DocumentProblem {
  readonly path: string;
  readonly line: number;
  readonly column: number;
  readonly code: string;
  readonly message: string;
  readonly severity: "error" | "warning";
  readonly fix?: string;
}

interface Checked {
  readonly loaded: boolean;
  readonly expressions: number;
  readonly compiled: number;
  readonly problems: readonly Diagnostic[];
}

/**
 * Checks documents by themselves: what could be said of them without the service they are for. Values that are not
 * given stay open.
 */
export function checkDocuments(
  documents: readonly PolicyDocumentFile[],
  values: Readonly<Record<string, string>>,
  checkCsharp: CsharpCheck,
): DocumentsReport {
  const checked = documents.map((document) => checkDocument(document, values, checkCsharp));
  const sum = (part: "expressions" | "compiled"): number => checked.reduce((total, one) => total + one[part], 0);
  return {
    documents: documents.length,
    loaded: checked.filter(({ loaded }) => loaded).length,
    expressions: sum("expressions"),
    compiled: sum("compiled"),
    problems: checked.flatMap(({ problems }) => problems).map(asProblem),
  };
}

function checkDocument(
  { path, text, scope }: PolicyDocumentFile,
  values: Readonly<Record<string, string>>,
  checkCsharp: CsharpCheck,
): Checked {
  const problems = new Problems();
  const document = scanXml(path, fillHoles(text, values), problems);
  if (document === null) return { loaded: false, expressions: 0, compiled: 0, problems: problems.sorted() };
  const named = Object.entries(values).map(([name, value]) => [name, { secret: false, value, text: value }] as const);
  const reading: XmlReading = {
    problems,
    catalogue,
    values: new NamedValues(new Map(named)),
    checkCsharp,
    onArgument: () => undefined,
    fragments: null,
    open: true,
    document,
    keepsBraces: false,
  };
  if (document.root.name === "fragment") {
    const place = { section: null, scope: null, inside: null, only: null, seen: new Set<string>(), depth: 0 };
    readXmlFragment(reading, document, place);
  } else readXmlPolicies(reading, document, scope);
  const { expressions } = document;
  return {
    loaded: problems.errorCount === 0,
    expressions: expressions.length,
    compiled: expressions.filter((expression) => compiles(reading, expression)).length,
    problems: problems.sorted(),
  };
}

function asProblem({ at, code, message, severity, fix }: Diagnostic): DocumentProblem {
  const { file: path, line, column } = at;
  return { path, line, column, code, message, severity, ...(fix === undefined ? {} : { fix }) };
}
