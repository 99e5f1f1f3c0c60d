import type { Argument, Block, Expr, Initializer, Pattern, Statement, TypeSyntax } from "./ast.ts";
import { CsharpProblem } from "./problem.ts";
import type { Token } from "./token.ts";

/** The rules that call each other in circles, so that each can stand in a file of its own. */
export interface Grammar {
  expression(cursor: Cursor): Expr;
  unary(cursor: Cursor): Expr;
  type(cursor: Cursor): TypeSyntax;
  block(cursor: Cursor): Block;
  statement(cursor: Cursor): Statement;
  pattern(cursor: Cursor): Pattern;
  args(cursor: Cursor, close: string): Argument[];
  initializer(cursor: Cursor): Initializer;
}

/** Deeper code is refused: the parser, the binder and the evaluation recurse with it. */
const maxDepth = 160;

/** A place in the tokens. Rules move it forward; `attempt` moves it back. */
export class Cursor {
  readonly grammar: Grammar;
  readonly #tokens: readonly Token[];
  #at = 0;
  #depth: number;

  constructor(grammar: Grammar, tokens: readonly Token[], depth = 0) {
    this.grammar = grammar;
    this.#tokens = tokens;
    this.#depth = depth;
  }

  /** Over the tokens of a hole, with the nesting so far. */
  within(tokens: readonly Token[]): Cursor {
    return new Cursor(this.grammar, tokens, this.#depth);
  }

  get token(): Token {
    return this.#tokens[this.#at] as Token;
  }

  /** The end of the token before. */
  get lastEnd(): number {
    return this.#tokens[this.#at - 1]?.end ?? this.token.start;
  }

  peek(distance: number): Token {
    return this.#tokens[Math.min(this.#at + distance, this.#tokens.length - 1)] as Token;
  }

  next(): Token {
    const { token } = this;
    if (token.kind !== "end") this.#at++;
    return token;
  }

  is(text: string, distance = 0): boolean {
    const token = this.peek(distance);
    return token.text === text && (token.kind === "operator" || token.kind === "keyword");
  }

  /** A contextual keyword: `var`, `when`, `from`. */
  isWord(text: string, distance = 0): boolean {
    const token = this.peek(distance);
    return token.kind === "name" && token.text === text;
  }

  take(text: string): boolean {
    if (!this.is(text)) return false;
    this.#at++;
    return true;
  }

  takeWord(text: string): boolean {
    if (!this.isWord(text)) return false;
    this.#at++;
    return true;
  }

  expect(text: string): Token {
    if (!this.is(text)) this.fail(`'${text}' is expected here, not ${this.found()}`);
    return this.next();
  }

  name(what: string): Token {
    if (this.token.kind !== "name") this.fail(`${what} is expected here, not ${this.found()}`);
    return this.next();
  }

  found(): string {
    const { kind, text } = this.token;
    if (kind === "end") return "the end";
    return kind === "string" ? `the text ${JSON.stringify(text.slice(0, 40))}` : `'${text.slice(0, 40)}'`;
  }

  fail(message: string, at: number = this.token.start): never {
    throw new CsharpProblem(message, at);
  }

  deeper<T>(rule: (cursor: Cursor) => T): T {
    if (++this.#depth > maxDepth) this.fail("this is nested too deeply");
    const result = rule(this);
    this.#depth--;
    return result;
  }

  /** Tries a rule; where it fails, or gives undefined, the place is as before. */
  attempt<T>(rule: (cursor: Cursor) => T | undefined): T | undefined {
    const at = this.#at;
    const depth = this.#depth;
    try {
      const result = rule(this);
      if (result !== undefined) return result;
    } catch (error) {
      if (!(error instanceof CsharpProblem)) throw error;
    }
    this.#at = at;
    this.#depth = depth;
    return undefined;
  }
}
