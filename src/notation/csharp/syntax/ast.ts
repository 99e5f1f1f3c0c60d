/** Where a node stands: UTF-16 offsets in the text that was parsed, `end` exclusive. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

export type TypeSyntax = Span &
  (
    | { readonly kind: "named"; readonly path: readonly TypeName[] }
    | { readonly kind: "array"; readonly element: TypeSyntax; readonly rank: number }
    | { readonly kind: "nullable"; readonly element: TypeSyntax }
    | {
        readonly kind: "tuple";
        readonly elements: readonly { readonly type: TypeSyntax; readonly name: string | null }[];
      }
  );

export interface TypeName {
  readonly name: string;
  readonly args: readonly TypeSyntax[];
}

export type LiteralType =
  | "null"
  | "bool"
  | "char"
  | "string"
  | "int"
  | "uint"
  | "long"
  | "ulong"
  | "float"
  | "double"
  | "decimal";

export interface Argument extends Span {
  readonly name: string | null;
  readonly modifier: "out" | "ref" | "in" | null;
  readonly value: Expr;
}

export interface Hole {
  readonly value: Expr;
  readonly alignment: Expr | null;
  readonly format: string | null;
}

export interface Parameter extends Span {
  readonly name: string;
  readonly type: TypeSyntax | null;
  readonly initial: Expr | null;
  readonly isOut: boolean;
}

/** A name in the body of a query's lambda that stands for a member of its parameter. */
export interface Alias {
  readonly name: string;
  readonly path: readonly string[];
}

export interface Lambda extends Span {
  readonly kind: "lambda";
  readonly parameters: readonly Parameter[];
  readonly body: Expr | Block;
  readonly aliases: readonly Alias[];
}

export type Initializer = Span &
  (
    | { readonly kind: "members"; readonly members: readonly MemberInit[] }
    | { readonly kind: "items"; readonly items: readonly (readonly Expr[])[] }
  );

export interface MemberInit extends Span {
  /** Name of a property, or arguments of an indexer. */
  readonly name: string | null;
  readonly index: readonly Expr[];
  readonly value: Expr | Initializer;
}

export type Pattern = Span &
  (
    | { readonly kind: "constant"; readonly value: Expr }
    | { readonly kind: "type"; readonly type: TypeSyntax; readonly name: string | null }
    | { readonly kind: "var"; readonly name: string | null }
    | { readonly kind: "discard" }
    | { readonly kind: "not"; readonly pattern: Pattern }
    | { readonly kind: "and" | "or"; readonly left: Pattern; readonly right: Pattern }
    | { readonly kind: "relational"; readonly op: string; readonly value: Expr }
    | {
        readonly kind: "properties";
        readonly type: TypeSyntax | null;
        readonly members: readonly { readonly name: string; readonly pattern: Pattern }[];
        readonly name: string | null;
      }
  );

export type Expr = Span &
  (
    | { readonly kind: "literal"; readonly type: LiteralType; readonly value: string | bigint | boolean | null }
    | { readonly kind: "interpolated"; readonly parts: readonly (string | Hole)[] }
    | { readonly kind: "name"; readonly name: string; readonly args: readonly TypeSyntax[] }
    /** What a `?.` found not to be null, within the rest of its chain. */
    | { readonly kind: "receiver" }
    | {
        readonly kind: "member";
        readonly target: Expr;
        readonly name: string;
        readonly args: readonly TypeSyntax[];
        readonly nameAt: number;
      }
    | { readonly kind: "predefined"; readonly type: TypeSyntax }
    | { readonly kind: "call"; readonly target: Expr; readonly args: readonly Argument[] }
    | { readonly kind: "index"; readonly target: Expr; readonly args: readonly Argument[] }
    | { readonly kind: "conditional-access"; readonly target: Expr; readonly rest: Expr }
    | { readonly kind: "unary" | "postfix"; readonly op: string; readonly operand: Expr }
    | { readonly kind: "binary"; readonly op: string; readonly left: Expr; readonly right: Expr }
    | { readonly kind: "assign"; readonly op: string; readonly target: Expr; readonly value: Expr }
    | { readonly kind: "conditional"; readonly test: Expr; readonly yes: Expr; readonly no: Expr }
    | { readonly kind: "cast"; readonly type: TypeSyntax; readonly operand: Expr }
    | { readonly kind: "as"; readonly operand: Expr; readonly type: TypeSyntax }
    | { readonly kind: "is"; readonly operand: Expr; readonly pattern: Pattern }
    | Lambda
    | {
        readonly kind: "new";
        readonly type: TypeSyntax | null;
        readonly args: readonly Argument[];
        readonly init: Initializer | null;
      }
    | { readonly kind: "anonymous"; readonly members: readonly { readonly name: string; readonly value: Expr }[] }
    | {
        readonly kind: "new-array";
        readonly element: TypeSyntax | null;
        readonly rank: number;
        readonly sizes: readonly Expr[];
        readonly items: ArrayItems | null;
      }
    | ArrayItems
    | { readonly kind: "tuple"; readonly elements: readonly Argument[] }
    | { readonly kind: "typeof"; readonly type: TypeSyntax }
    | { readonly kind: "default"; readonly type: TypeSyntax | null }
    | { readonly kind: "checked"; readonly isChecked: boolean; readonly value: Expr }
    | { readonly kind: "throw"; readonly value: Expr }
    | { readonly kind: "switch"; readonly value: Expr; readonly arms: readonly SwitchArm[] }
    /** `out var x`, `out int x`, `var (a, b)`. A null name discards. */
    | {
        readonly kind: "declaration";
        readonly type: TypeSyntax | null;
        readonly names: readonly (string | null)[];
        readonly isTuple: boolean;
      }
  );

/** `{ 1, 2 }` where an array's elements stand. */
export interface ArrayItems extends Span {
  readonly kind: "array-items";
  readonly items: readonly Expr[];
}

export interface SwitchArm extends Span {
  readonly pattern: Pattern;
  readonly when: Expr | null;
  readonly value: Expr;
}

export interface Block extends Span {
  readonly kind: "block";
  readonly statements: readonly Statement[];
  /** `checked { }` and `unchecked { }`; null elsewhere. */
  readonly isChecked: boolean | null;
}

export interface Declarator extends Span {
  readonly name: string;
  readonly value: Expr | null;
}

export interface LocalDeclaration extends Span {
  readonly kind: "local";
  /** null: `var`. */
  readonly type: TypeSyntax | null;
  readonly isConst: boolean;
  readonly isUsing: boolean;
  readonly declarators: readonly Declarator[];
}

export interface CatchClause extends Span {
  readonly type: TypeSyntax | null;
  readonly name: string | null;
  readonly when: Expr | null;
  readonly body: Block;
}

export interface SwitchSection extends Span {
  readonly labels: readonly { readonly pattern: Pattern | null; readonly when: Expr | null; readonly at: number }[];
  readonly statements: readonly Statement[];
}

export type Statement =
  | Block
  | LocalDeclaration
  | (Span &
      (
        | {
            readonly kind: "function";
            readonly name: string;
            readonly returns: TypeSyntax | null;
            readonly parameters: readonly Parameter[];
            readonly body: Expr | Block;
          }
        | { readonly kind: "expression"; readonly value: Expr }
        | { readonly kind: "if"; readonly test: Expr; readonly yes: Statement; readonly no: Statement | null }
        | {
            readonly kind: "for";
            readonly initial: readonly Statement[];
            readonly test: Expr | null;
            readonly steps: readonly Expr[];
            readonly body: Statement;
          }
        | {
            readonly kind: "foreach";
            readonly type: TypeSyntax | null;
            readonly names: readonly (string | null)[];
            readonly isTuple: boolean;
            readonly items: Expr;
            readonly body: Statement;
          }
        | { readonly kind: "while" | "do"; readonly test: Expr; readonly body: Statement }
        | { readonly kind: "switch"; readonly value: Expr; readonly sections: readonly SwitchSection[] }
        | {
            readonly kind: "try";
            readonly body: Block;
            readonly catches: readonly CatchClause[];
            readonly last: Block | null;
          }
        | { readonly kind: "throw"; readonly value: Expr | null }
        | { readonly kind: "return"; readonly value: Expr | null }
        | { readonly kind: "break" | "continue" | "empty" }
        | { readonly kind: "using"; readonly resource: LocalDeclaration | Expr; readonly body: Statement }
      ));
