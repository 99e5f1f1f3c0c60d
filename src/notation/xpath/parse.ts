import type { Axis, BinaryOperator, Expression, NodeTest, PathStep } from "./ast.ts";
import { wrong } from "./problem.ts";
import { type Token, tokenize } from "./tokens.ts";

/** Expressions inside one another: deeper ones would exhaust the stack. */
const maxDepth = 64;

const axes: ReadonlySet<string> = new Set<Axis>([
  "ancestor",
  "ancestor-or-self",
  "attribute",
  "child",
  "descendant",
  "descendant-or-self",
  "following",
  "following-sibling",
  "parent",
  "preceding",
  "preceding-sibling",
  "self",
]);

/** From what binds least to what binds most. */
const levels: readonly ReadonlySet<string>[] = [
  new Set(["or"]),
  new Set(["and"]),
  new Set(["=", "!="]),
  new Set(["<", "<=", ">", ">="]),
  new Set(["+", "-"]),
  new Set(["*", "div", "mod"]),
];

const anyNode: NodeTest = { kind: "node" };
const belowHere: PathStep = { axis: "descendant-or-self", test: anyNode, predicates: [] };

/** The namespace of a prefix; undefined: there is none of that name. */
export type Namespaces = (prefix: string) => string | undefined;

/** Reads an expression of XPath 1.0. @throws XPathProblem */
export function parseXPath(text: string, namespaces: Namespaces): Expression {
  const reader = new Reader(tokenize(text), namespaces);
  return reader.whole();
}

class Reader {
  readonly #tokens: readonly Token[];
  readonly #namespaces: Namespaces;
  #at = 0;
  #depth = 0;

  constructor(tokens: readonly Token[], namespaces: Namespaces) {
    this.#tokens = tokens;
    this.#namespaces = namespaces;
  }

  whole(): Expression {
    const read = this.#binary(0);
    if (this.#next.kind !== "end") this.#unexpected();
    return read;
  }

  get #next(): Token {
    return this.#tokens[this.#at] as Token;
  }

  #is(text: string): boolean {
    const { kind } = this.#next;
    return (kind === "sign" || kind === "operator") && this.#next.text === text;
  }

  #take(text: string): boolean {
    if (!this.#is(text)) return false;
    this.#at++;
    return true;
  }

  #expect(text: string): void {
    if (!this.#take(text)) wrong(`the path lacks '${text}'`);
  }

  #unexpected(): never {
    return wrong(this.#next.kind === "end" ? "the path ends too early" : `the path has '${this.#next.text}' amiss`);
  }

  #nested<Result>(read: () => Result): Result {
    if (++this.#depth > maxDepth) wrong("the path is nested too deeply");
    const result = read();
    this.#depth--;
    return result;
  }

  #binary(level: number): Expression {
    const operators = levels[level];
    if (operators === undefined) return this.#unary();
    let left = this.#binary(level + 1);
    // A long row of operators nests to the left.
    let links = 0;
    while (this.#next.kind === "operator" && operators.has(this.#next.text)) {
      if (++links > maxDepth * 4) wrong("the path is nested too deeply");
      const operator = this.#next.text as BinaryOperator;
      this.#at++;
      left = { kind: "binary", operator, left, right: this.#binary(level + 1) };
    }
    return left;
  }

  #unary(): Expression {
    if (!this.#take("-")) return this.#union();
    return this.#nested(() => ({ kind: "negate", of: this.#unary() }));
  }

  #union(): Expression {
    let left = this.#path();
    let links = 0;
    while (this.#take("|")) {
      if (++links > maxDepth * 4) wrong("the path is nested too deeply");
      left = { kind: "union", left, right: this.#path() };
    }
    return left;
  }

  #path(): Expression {
    if (this.#startsPrimary()) return this.#filtered();
    const steps: PathStep[] = [];
    if (this.#take("//")) {
      steps.push(belowHere);
      this.#relative(steps);
      return { kind: "path", from: "top", steps };
    }
    if (this.#take("/")) {
      if (this.#startsStep()) this.#relative(steps);
      return { kind: "path", from: "top", steps };
    }
    this.#relative(steps);
    return { kind: "path", from: "here", steps };
  }

  #startsPrimary(): boolean {
    const { kind } = this.#next;
    return kind === "number" || kind === "text" || kind === "variable" || kind === "function" || this.#is("(");
  }

  #startsStep(): boolean {
    const { kind } = this.#next;
    return kind === "name" || kind === "type" || kind === "axis" || this.#is("@") || this.#is(".") || this.#is("..");
  }

  #filtered(): Expression {
    let from = this.#primary();
    const predicates = this.#predicates();
    if (predicates.length > 0) from = { kind: "filter", of: from, predicates };
    const steps: PathStep[] = [];
    if (this.#take("//")) steps.push(belowHere);
    else if (!this.#take("/")) return from;
    this.#relative(steps);
    return { kind: "path", from, steps };
  }

  #primary(): Expression {
    const token = this.#next;
    this.#at++;
    switch (token.kind) {
      case "number":
        return { kind: "number", value: Number(token.text) };
      case "text":
        return { kind: "text", value: token.text };
      case "variable":
        return { kind: "variable", name: this.#expanded(token.text) };
      case "function":
        return this.#nested(() => this.#call(token.text));
      default: {
        const inner = this.#nested(() => this.#binary(0));
        this.#expect(")");
        return inner;
      }
    }
  }

  #call(name: string): Expression {
    this.#expect("(");
    const args: Expression[] = [];
    if (!this.#take(")")) {
      do args.push(this.#binary(0));
      while (this.#take(","));
      this.#expect(")");
    }
    return { kind: "call", name: this.#expanded(name), args };
  }

  #expanded(name: string): string {
    const [prefix = "", local] = name.split(":", 2);
    return local === undefined ? prefix : `{${this.#namespace(prefix)}}${local}`;
  }

  #namespace(prefix: string): string {
    return this.#namespaces(prefix) ?? wrong(`the prefix '${prefix}' is not declared`);
  }

  #relative(steps: PathStep[]): void {
    steps.push(this.#step());
    for (;;) {
      if (this.#take("//")) steps.push(belowHere);
      else if (!this.#take("/")) return;
      steps.push(this.#step());
    }
  }

  #step(): PathStep {
    if (this.#take(".")) return { axis: "self", test: anyNode, predicates: [] };
    if (this.#take("..")) return { axis: "parent", test: anyNode, predicates: [] };
    const axis = this.#axis();
    const test = this.#test();
    return { axis, test, predicates: this.#predicates() };
  }

  #axis(): Axis {
    if (this.#take("@")) return "attribute";
    if (this.#next.kind !== "axis") return "child";
    const { text } = this.#next;
    if (!axes.has(text)) wrong(`'${text}' is no axis that is known here`);
    this.#at++;
    this.#expect("::");
    return text as Axis;
  }

  #test(): NodeTest {
    const { kind, text } = this.#next;
    if (kind === "type") return this.#typeTest(text);
    if (kind !== "name") return this.#unexpected();
    this.#at++;
    if (text === "*") return { kind: "name", uri: null, local: "*" };
    const [prefix = "", local] = text.split(":", 2);
    return local === undefined
      ? { kind: "name", uri: "", local: prefix }
      : { kind: "name", uri: this.#namespace(prefix), local };
  }

  #typeTest(text: string): NodeTest {
    this.#at++;
    this.#expect("(");
    const target = this.#next.kind === "text" && text === "processing-instruction" ? this.#next.text : null;
    if (target !== null) this.#at++;
    this.#expect(")");
    return text === "processing-instruction"
      ? { kind: "instruction", target }
      : { kind: text as "node" | "text" | "comment" };
  }

  #predicates(): readonly Expression[] {
    const predicates: Expression[] = [];
    while (this.#take("[")) {
      predicates.push(this.#nested(() => this.#binary(0)));
      this.#expect("]");
    }
    return predicates;
  }
}
