import type { SourcePosition } from "#model/diagnostic.ts";
import type { Argument, Expression, PolicyDocument, PolicyNode, Section, Value } from "#model/policy-tree.ts";
import { sections } from "#model/policy-tree.ts";
import { catalogue } from "#notation/catalogue/catalogue.ts";
import type { ArgumentSpec } from "#notation/catalogue/spec.ts";
import type { NamesKnown } from "./names.ts";
import { quoteOpen } from "./quote.ts";
import type { Term } from "./term.ts";
import { translateCel, translateTerm, type Wanted } from "./translate.ts";
import { Untranslatable } from "./untranslatable.ts";
import { choosesHost, urlExpression, urlKind, type UrlPart } from "./url.ts";

/** What of a tree has no counterpart in C#, where in the definition. */
export interface TranslationProblem {
  readonly at: SourcePosition;
  readonly message: string;
}

export interface Translation {
  readonly known: NamesKnown;
  readonly report: (problem: TranslationProblem) => void;
  /** Whether the value of this name can stand inside a string of C#, where it is filled in as it is. */
  readonly fitsInText: (name: string) => boolean;
}

/** The same policies with C# where CEL stood. What has no counterpart is reported, and empty then: it is not to be used. */
export function translateDocument(document: PolicyDocument, translation: Translation): PolicyDocument {
  const found = sections.map((section): [Section, readonly PolicyNode[] | undefined] => {
    return [section, document[section]?.map((node) => translateNode(node, translation))];
  });
  return Object.fromEntries(found.filter(([, nodes]) => nodes !== undefined));
}

export function translateNode(node: PolicyNode, translation: Translation): PolicyNode {
  const specs = catalogue.get(node.name)?.args ?? {};
  return { ...node, args: translateArgs(node.args, specs, node, translation) };
}

/** Where a value stands. */
interface Place {
  readonly policy: string;
  readonly argument: string;
}

function translateArgs(
  args: Readonly<Record<string, Argument>>,
  specs: Readonly<Record<string, ArgumentSpec>>,
  node: Pick<PolicyNode, "name">,
  translation: Translation,
  additional?: ArgumentSpec,
): Readonly<Record<string, Argument>> {
  const found = Object.entries(args).map(([name, argument]) => {
    const spec = specs[name] ?? additional;
    const place: Place = { policy: node.name, argument: name };
    return [name, spec === undefined ? argument : translateArgument(argument, spec, place, translation)] as const;
  });
  return Object.fromEntries(found);
}

function translateArgument(argument: Argument, spec: ArgumentSpec, place: Place, translation: Translation): Argument {
  switch (argument.kind) {
    case "list": {
      const items = spec.items ?? spec;
      return { kind: "list", items: argument.items.map((item) => translateArgument(item, items, place, translation)) };
    }
    case "map": {
      const { policy: name } = place;
      const entries = translateArgs(argument.entries, spec.entries ?? {}, { name }, translation, spec.additional);
      return { kind: "map", entries };
    }
    case "policies":
      return { kind: "policies", policies: argument.policies.map((inner) => translateNode(inner, translation)) };
    default:
      return translateValue(argument, spec, place, translation);
  }
}

function translateValue(value: Value, spec: ArgumentSpec, place: Place, translation: Translation): Value {
  const url = urlKind(place.policy, place.argument);
  if (value.kind === "template") return translateTemplate(value.parts, place, translation) ?? value;
  if (value.kind !== "expression" || value.expression.language !== "cel") return value;
  if (url !== undefined || place.argument === "baseUrl") {
    return translateTemplate([value.expression], place, translation) ?? value;
  }
  return translated(value.expression, wantedOf(spec), place, translation);
}

function wantedOf({ type }: ArgumentSpec): Wanted {
  switch (type) {
    case "condition":
    case "boolean":
      return "bool";
    case "integer":
      return "int";
    case "duration":
      return "seconds";
    case "number":
    case "any":
      return "any";
    default:
      return "text";
  }
}

const empty: Value = { kind: "literal", value: "" };

function translated(expression: Expression, wanted: Wanted, { policy }: Place, { known, report }: Translation): Value {
  const { source, at } = expression;
  try {
    return { kind: "expression", expression: { language: "csharp", source: translateCel(source, wanted, known), at } };
  } catch (error) {
    if (!(error instanceof Untranslatable)) throw error;
    report({
      at: placeIn(expression, error.offset),
      message: `${policy} has CEL without a counterpart in C#: ${error.message}`,
    });
    return empty;
  }
}

/** `Bearer ${…}`: one expression there, for text around one is text. Undefined: nothing is computed. */
function translateTemplate(
  parts: readonly (string | Expression)[],
  { policy, argument }: Place,
  translation: Translation,
): Value | undefined {
  const first = parts.find((part) => typeof part !== "string");
  if (first === undefined) return undefined;
  const { at } = first;
  const all = parts.map((part): UrlPart | undefined => {
    if (typeof part === "string") return { code: literalText(part, at, translation), text: part };
    const code = textTerm(part, translation)?.code;
    return code === undefined ? undefined : { code, text: null, source: part.source };
  });
  const found = all.filter((one) => one !== undefined);
  if (found.length < all.length) return empty;
  if (choosesHost(policy, argument, found)) {
    translation.known.note?.(`${policy}: whom it calls is computed, and nothing holds that to egress.allow there`);
  }
  const url = urlKind(policy, argument);
  try {
    const source = url === undefined ? `@(${found.map(({ code }) => code).join(" + ")})` : urlExpression(url, found);
    return { kind: "expression", expression: { language: "csharp", source, at } };
  } catch (error) {
    if (!(error instanceof Untranslatable)) throw error;
    translation.report({ at, message: error.message });
    return empty;
  }
}

function textTerm(part: Expression, { known, report }: Translation): Term | undefined {
  try {
    return translateTerm(part.source, "text", known);
  } catch (error) {
    if (!(error instanceof Untranslatable)) throw error;
    report({ at: placeIn(part, error.offset), message: `CEL without a counterpart in C#: ${error.message}` });
    return undefined;
  }
}

function literalText(text: string, at: SourcePosition, { fitsInText, report }: Translation): string {
  const { code, names } = quoteOpen(text);
  for (const name of names) {
    if (fitsInText(name)) continue;
    report({ at, message: `the value ${name} would stand in a string of C#, which its quotes or backslashes end` });
  }
  return code;
}

/** Within one line; a source of several lines is named by its beginning. */
function placeIn({ source, at }: Expression, offset: number): SourcePosition {
  return source.slice(0, offset).includes("\n") ? at : { ...at, column: at.column + offset };
}
