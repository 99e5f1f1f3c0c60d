/** One word of a Caddyfile. */
export interface Token {
  readonly text: string;
  /** `<`: a heredoc. Empty: not quoted. */
  readonly quote: "" | '"' | "`" | "<";
  /** Where it begins, from 1. */
  readonly line: number;
  /** As it was named: the file itself, or one that it imports. */
  readonly file: string;
  /** It is the first of its line. */
  readonly first: boolean;
}

/** What makes a Caddyfile unreadable, at a place. */
export class CaddyfileError extends Error {
  readonly file: string;
  readonly line: number;

  constructor(message: string, { file, line }: Pick<Token, "file" | "line">) {
    super(message);
    this.name = "CaddyfileError";
    this.file = file;
    this.line = line;
  }
}

export function isOpening({ text, quote }: Token): boolean {
  return text === "{" && quote === "";
}

export function isClosing({ text, quote }: Token): boolean {
  return text === "}" && quote === "";
}
