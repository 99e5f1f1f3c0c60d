import { CaddyfileError, isClosing, isOpening, type Token } from "./token.ts";

/** A line: its first word, those behind it, and the lines between its braces. */
export interface Line {
  readonly name: Token;
  readonly args: readonly Token[];
  /** Null: it has no braces. */
  readonly block: readonly Line[] | null;
}

/** Deepest block; nobody writes such a file, and a parser that recurses must not fall over one. */
const maxDepth = 64;

/**
 * Reads lines until the tokens end or a brace closes.
 * @throws CaddyfileError for braces that do not match
 */
export function parseLines(tokens: readonly Token[]): readonly Line[] {
  const reader = new Reader(tokens);
  const lines = reader.lines(0);
  const stray = reader.next();
  if (stray !== undefined) throw new CaddyfileError("a brace closes that none has opened", stray);
  return lines;
}

class Reader {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  next(): Token | undefined {
    return this.#tokens[this.#at];
  }

  lines(depth: number): readonly Line[] {
    const lines: Line[] = [];
    for (;;) {
      const token = this.#tokens[this.#at];
      if (token === undefined || isClosing(token)) return lines;
      if (depth > maxDepth) throw new CaddyfileError(`blocks nest ${maxDepth} deep at most`, token);
      lines.push(this.#line(depth));
    }
  }

  #line(depth: number): Line {
    const name = this.#tokens[this.#at] as Token;
    this.#at += 1;
    const args: Token[] = [];
    for (let token = this.next(); token !== undefined && !token.first; token = this.next()) {
      this.#at += 1;
      const follows = this.next();
      if (isOpening(token) && (follows === undefined || follows.first)) {
        return { name, args, block: this.#block(token, depth) };
      }
      args.push(token);
    }
    return { name, args, block: null };
  }

  #block(opening: Token, depth: number): readonly Line[] {
    const block = this.lines(depth + 1);
    if (this.next() === undefined) throw new CaddyfileError("this brace is never closed", opening);
    this.#at += 1;
    const behind = this.next();
    if (behind !== undefined && !behind.first && !isClosing(behind)) {
      throw new CaddyfileError("something stands behind a closing brace", behind);
    }
    return block;
  }
}
