export type Axis =
  | "ancestor"
  | "ancestor-or-self"
  | "attribute"
  | "child"
  | "descendant"
  | "descendant-or-self"
  | "following"
  | "following-sibling"
  | "parent"
  | "preceding"
  | "preceding-sibling"
  | "self";

/** A name with its namespace; a local part of `*` is any, a null namespace any. */
export type NodeTest =
  | { readonly kind: "name"; readonly uri: string | null; readonly local: string }
  | { readonly kind: "node" | "text" | "comment" }
  | { readonly kind: "instruction"; readonly target: string | null };

export interface PathStep {
  readonly axis: Axis;
  readonly test: NodeTest;
  readonly predicates: readonly Expression[];
}

export type BinaryOperator = "or" | "and" | "=" | "!=" | "<" | "<=" | ">" | ">=" | "+" | "-" | "*" | "div" | "mod";

/** An expression of XPath 1.0, its prefixes resolved. */
export type Expression =
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "text"; readonly value: string }
  /** `{uri}local` of a variable. */
  | { readonly kind: "variable"; readonly name: string }
  | { readonly kind: "call"; readonly name: string; readonly args: readonly Expression[] }
  | {
      readonly kind: "binary";
      readonly operator: BinaryOperator;
      readonly left: Expression;
      readonly right: Expression;
    }
  | { readonly kind: "negate"; readonly of: Expression }
  | { readonly kind: "union"; readonly left: Expression; readonly right: Expression }
  | { readonly kind: "filter"; readonly of: Expression; readonly predicates: readonly Expression[] }
  /** From the top of the document, from where the expression is looked at, or from what another selects. */
  | { readonly kind: "path"; readonly from: "top" | "here" | Expression; readonly steps: readonly PathStep[] };
