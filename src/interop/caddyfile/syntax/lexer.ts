import { CaddyfileError, type Token } from "./token.ts";
import { dedent } from "./heredoc.ts";

const marker = /^[A-Za-z0-9_-]+$/;

/**
 * Splits a Caddyfile into words, as Caddy does: a word ends at white space; one in double quotes or backquotes holds
 * it, and only `\"` is an escape in the former; `<<MARK` begins a heredoc; `#` at the start of a word a comment; a
 * backslash at the end of a line joins it with the next.
 *
 * @throws CaddyfileError for a heredoc that cannot be read
 */
export function lex(source: string, file: string): readonly Token[] {
  return new Lexer(source.replace(/^\uFEFF/, ""), file).run();
}

class Lexer {
  readonly #source: string;
  readonly #file: string;
  readonly #tokens: Token[] = [];
  #at = 0;
  #line = 1;
  #first = true;

  constructor(source: string, file: string) {
    this.#source = source;
    this.#file = file;
  }

  run(): readonly Token[] {
    while (this.#skipBlank()) this.#word();
    return this.#tokens;
  }

  /** @returns whether a word begins here */
  #skipBlank(): boolean {
    for (;;) {
      const character = this.#source[this.#at];
      if (character === undefined) return false;
      if (character === "\n") this.#newLine();
      else if (character === "\\" && this.#lineEndsAt(this.#at + 1)) this.#joinLines();
      else if (character === "#") this.#skipComment();
      else if (!/\s/.test(character)) return true;
      else this.#at += 1;
    }
  }

  #newLine(): void {
    this.#at += 1;
    this.#line += 1;
    this.#first = true;
  }

  #lineEndsAt(at: number): boolean {
    return this.#source[at] === "\n" || (this.#source[at] === "\r" && this.#source[at + 1] === "\n");
  }

  #joinLines(): void {
    this.#at = this.#source.indexOf("\n", this.#at) + 1;
    this.#line += 1;
  }

  #skipComment(): void {
    const end = this.#source.indexOf("\n", this.#at);
    this.#at = end < 0 ? this.#source.length : end;
  }

  #word(): void {
    const character = this.#source[this.#at];
    if (character === '"' || character === "`") this.#quoted(character);
    else if (this.#source.startsWith("<<", this.#at) && this.#heredoc()) return;
    else this.#plain();
  }

  #push(text: string, quote: Token["quote"], line: number): void {
    this.#tokens.push({ text, quote, line, file: this.#file, first: this.#first });
    this.#first = false;
  }

  #quoted(quote: '"' | "`"): void {
    const line = this.#line;
    let text = "";
    this.#at += 1;
    for (; this.#at < this.#source.length; this.#at += 1) {
      const character = this.#source[this.#at] as string;
      if (character === quote) break;
      if (character === "\n") this.#line += 1;
      if (quote === '"' && character === "\\" && this.#source[this.#at + 1] === '"') {
        text += '"';
        this.#at += 1;
      } else text += character;
    }
    this.#at += 1;
    this.#push(text, quote, line);
  }

  #plain(): void {
    let text = "";
    for (; this.#at < this.#source.length; this.#at += 1) {
      const character = this.#source[this.#at] as string;
      if (/\s/.test(character)) break;
      if (character !== "\\") text += character;
      else if (this.#lineEndsAt(this.#at + 1)) break;
      else text += this.#escaped();
    }
    this.#push(text, "", this.#line);
  }

  /** A backslash before a quote or a heredoc's mark takes its meaning from it; any other stays. */
  #escaped(): string {
    const next = this.#source[this.#at + 1] ?? "";
    if (next !== '"' && next !== "<") return "\\";
    this.#at += 1;
    return next;
  }

  /** @returns false: it is a word that only begins like one */
  #heredoc(): boolean {
    const end = this.#source.indexOf("\n", this.#at);
    const head = this.#source.slice(this.#at + 2, end < 0 ? this.#source.length : end).replace(/\r$/, "");
    if (/\s/.test(head) || end < 0) return false;
    const at = { file: this.#file, line: this.#line };
    if (!marker.test(head))
      throw new CaddyfileError(`a heredoc's marker has letters, digits, - and _, not ${head}`, at);
    const close = this.#source.indexOf(head, end + 1);
    if (close < 0) throw new CaddyfileError(`the heredoc <<${head} does not end`, at);
    const body = this.#source.slice(end + 1, close);
    this.#push(dedent(body, head, at), "<", this.#line);
    this.#line += body.split("\n").length;
    this.#at = close + head.length;
    return true;
  }
}
