import type { Expression } from "#model/policy-tree.ts";
import type { PolicySpec } from "#notation/catalogue/spec.ts";
import type { NamedValues } from "#notation/named-values.ts";
import type { ArgumentUse, CsharpCheck, Fragments } from "#notation/policies/policy-reading.ts";
import type { Problems } from "#notation/problems.ts";
import type { XmlDocument } from "./document.ts";

/** What a C# expression is to give. */
export type Expected = "bool" | "any";

/** What everything that reads policies in XML needs, whichever file they stand in. */
export interface XmlPolicyReading {
  readonly problems: Problems;
  readonly catalogue: ReadonlyMap<string, PolicySpec>;
  readonly values: NamedValues;
  readonly checkCsharp: CsharpCheck;
  readonly onArgument: (use: ArgumentUse) => void;
  /** Null: `include-fragment` stays in the tree. */
  readonly fragments: Fragments | null;
  /**
   * The document is looked at by itself: values and the holes of deployment tools are not known yet, and stay in the
   * tree as they are.
   */
  readonly open: boolean;
}

/** The same for one document. */
export interface XmlReading extends XmlPolicyReading {
  readonly document: XmlDocument;
  /** Double braces that hold no name of a value are another language's. */
  readonly keepsBraces: boolean;
  /** What stands here is the same in every environment, and this is what it says; absent: values may fill it. */
  readonly fixed?: string;
}

/** An expression as it stands in the tree. */
export function csharp(source: string, at: Expression["at"], secret: boolean): Expression {
  return { language: "csharp", source, at, ...(secret ? { secret: true } : {}) };
}
