import type { Argument, PolicyDocument, PolicyNode, Scope, Section } from "#model/policy-tree.ts";
import { catalogue } from "#notation/catalogue/catalogue.ts";
import { endOfExpression } from "#notation/csharp/syntax/end-of-expression.ts";
import { type NamedValue, NamedValues } from "#notation/named-values.ts";
import { Problems } from "#notation/problems.ts";
import { readXmlPolicies } from "./policies.ts";
import type { XmlPolicyReading } from "./reading.ts";
import { scanXml } from "./scan.ts";

/** The engine's own check has tests of its own; here it is enough that brackets close and nothing is escaped. */
export function checkBrackets(source: string): { readonly message: string; readonly offset: number } | undefined {
  const entity = source.search(/&(amp|lt|gt|quot);/);
  if (entity >= 0) return { message: "an entity is no C#", offset: entity };
  const found = endOfExpression(source, 0);
  return found.ok && found.end === source.length ? undefined : { message: "it does not end here", offset: 0 };
}

export function xmlReading(changes: Partial<XmlPolicyReading> = {}): XmlPolicyReading {
  return {
    problems: new Problems(),
    catalogue,
    values: new NamedValues(new Map()),
    checkCsharp: checkBrackets,
    onArgument: () => undefined,
    fragments: null,
    open: false,
    ...changes,
  };
}

export function plain(value: string): NamedValue {
  return { secret: false, value, text: value };
}

export interface ReadDocument {
  readonly document: PolicyDocument;
  /** `line:column code message`, without those that say that there is no engine yet. */
  readonly found: readonly string[];
}

export function readText(text: string, scope: Scope | null, changes: Partial<XmlPolicyReading> = {}): ReadDocument {
  const reading = xmlReading(changes);
  const scanned = scanXml("p.xml", text, reading.problems);
  const document = scanned === null ? {} : readXmlPolicies(reading, scanned, scope);
  const problems = reading.problems.sorted().filter(({ code }) => code !== "policy-unsupported");
  return { document, found: problems.map(({ code, at, message }) => `${at.line}:${at.column} ${code} ${message}`) };
}

/** Policies of one section, by themselves. */
export function readIn(
  section: Section,
  inside: string,
  changes: Partial<XmlPolicyReading> = {},
): { readonly nodes: readonly PolicyNode[]; readonly found: readonly string[] } {
  const { document, found } = readText(`<policies><${section}>${inside}</${section}></policies>`, "api", changes);
  return { nodes: document[section] ?? [], found };
}

/** An argument as a test would write it: expressions are their source. */
export function shown(argument: Argument | undefined): unknown {
  switch (argument?.kind) {
    case "literal":
      return argument.value;
    case "expression":
      return argument.expression.source;
    case "template":
      return { template: argument.parts };
    case "list":
      return argument.items.map(shown);
    case "map":
      return shownArgs(argument.entries);
    case "policies":
      return argument.policies.map((node) => ({ [node.name]: shownArgs(node.args) }));
    default:
      return undefined;
  }
}

export function shownArgs(args: Readonly<Record<string, Argument>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(args).map(([name, argument]) => [name, shown(argument)]));
}
