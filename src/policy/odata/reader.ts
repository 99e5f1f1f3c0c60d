import { OdataProblem, type Token, type TokenKind, tokensOf } from "./tokens.ts";

/** Expressions and options inside each other. */
const maxDepth = 64;

/** Goes through the tokens of one text, and knows how deep it is. */
export class Reader {
  readonly #tokens: readonly Token[];
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#tokens = tokensOf(text);
  }

  get next(): Token {
    return this.#tokens[this.#at] as Token;
  }

  /** The one behind the next. */
  get following(): Token {
    return this.#tokens[Math.min(this.#at + 1, this.#tokens.length - 1)] as Token;
  }

  take(): Token {
    const token = this.next;
    if (token.kind !== "end") this.#at += 1;
    return token;
  }

  is(text: string): boolean {
    const { kind } = this.next;
    return (kind === "mark" || kind === "name" || kind === "option") && this.next.text === text;
  }

  has(text: string): boolean {
    const is = this.is(text);
    if (is) this.take();
    return is;
  }

  want(text: string): void {
    if (!this.has(text)) throw this.problem(`${text} is missing`);
  }

  wantKind(kind: TokenKind, what: string): string {
    if (this.next.kind !== kind) throw this.problem(`${what} is missing`);
    return this.take().text;
  }

  end(): void {
    if (this.next.kind !== "end") throw this.problem("it goes on where it should end");
  }

  /** @throws OdataProblem where it is nested too deeply */
  within<T>(read: () => T): T {
    this.#depth += 1;
    if (this.#depth > maxDepth) throw new OdataProblem("it is nested too deeply");
    const result = read();
    this.#depth -= 1;
    return result;
  }

  problem(message: string): OdataProblem {
    return new OdataProblem(`${message} (token ${this.#at + 1})`);
  }
}
