import { dirname, isAbsolute, join } from "node:path";
import { fillEnvironment } from "./environment.ts";
import { fillArguments } from "./import-arguments.ts";
import { closingOf, fillBlocks, lineEnd, opensBlock, readBlocks } from "./import-blocks.ts";
import { lex } from "./lexer.ts";
import type { SourceFiles } from "./source-files.ts";
import { CaddyfileError, type Token } from "./token.ts";

/** Imports within imports, words in all, and files: beyond any real set-up, and what a cycle runs into. */
const maxDepth = 32;
const maxTokens = 200_000;
const maxFiles = 200;

export interface Expansion {
  readonly files: SourceFiles;
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** By name: what stands between their braces. */
  readonly snippets: Map<string, readonly Token[]>;
}

/** Puts snippets and files in the place of the `import` lines that name them. */
export class Importer {
  readonly #expansion: Expansion;
  #tokens = 0;
  #files = 0;

  constructor(expansion: Expansion) {
    this.#expansion = expansion;
  }

  /** @throws CaddyfileError for what is not there, a cycle, or more than fits */
  expand(tokens: readonly Token[], trail: readonly string[] = []): readonly Token[] {
    const out: Token[] = [];
    for (let at = 0; at < tokens.length;) {
      const token = tokens[at] as Token;
      if (!isImport(token)) {
        out.push(token);
        at += 1;
        continue;
      }
      const { imported, end } = this.importAt(tokens, at, trail);
      out.push(...imported);
      at = end;
    }
    return out;
  }

  /** @returns what stands for the import at `at`, in full, and where the tokens go on */
  importAt(
    tokens: readonly Token[],
    at: number,
    trail: readonly string[],
  ): { readonly imported: readonly Token[]; readonly end: number } {
    const directive = tokens[at] as Token;
    const line = tokens.slice(at + 1, lineEnd(tokens, at));
    const braced = line.length > 0 && opensBlock(tokens, at + line.length);
    const [what, ...args] = braced ? line.slice(0, -1) : line;
    if (what === undefined) throw new CaddyfileError("import names nothing", directive);
    const opening = at + line.length;
    const closing = braced ? closingOf(tokens, opening) : opening;
    const blocks = readBlocks(braced ? tokens.slice(opening + 1, closing) : []);
    const sources = this.#find(what, trail);
    const imported = sources.flatMap(({ name, tokens: found }) =>
      this.expand(fillArguments(fillBlocks(found, blocks), args), [...trail, name]),
    );
    this.#tokens += imported.length;
    if (this.#tokens > maxTokens) throw new CaddyfileError(`imports give more than ${maxTokens} words`, directive);
    return { imported: startingLine(imported), end: closing + 1 };
  }

  #find(
    what: Token,
    trail: readonly string[],
  ): readonly { readonly name: string; readonly tokens: readonly Token[] }[] {
    if (trail.length >= maxDepth) throw new CaddyfileError(`imports nest ${maxDepth} deep at most`, what);
    const snippet = this.#expansion.snippets.get(what.text);
    const found = snippet === undefined ? this.#findFiles(what) : [{ name: `(${what.text})`, tokens: snippet }];
    const cycle = found.find(({ name }) => trail.includes(name));
    if (cycle !== undefined) throw new CaddyfileError(`${what.text} imports itself`, what);
    return found;
  }

  #findFiles(what: Token): readonly { readonly name: string; readonly tokens: readonly Token[] }[] {
    const { files } = this.#expansion;
    const path = isAbsolute(what.text) ? what.text : join(dirname(what.file), what.text);
    const names = /[*?[]/.test(path) ? files.glob(path) : [path];
    this.#files += names.length;
    if (this.#files > maxFiles) throw new CaddyfileError(`more than ${maxFiles} files are imported`, what);
    return names.map((name) => ({ name, tokens: this.#read(name, what) }));
  }

  #read(path: string, what: Token): readonly Token[] {
    const source = this.#expansion.files.read(path);
    if (source === undefined) throw new CaddyfileError(`there is no snippet and no file ${what.text}`, what);
    return this.#withSnippets(lex(fillEnvironment(source, this.#expansion.variables), path));
  }

  /** Snippets of an imported file are everybody's from there on. */
  #withSnippets(tokens: readonly Token[]): readonly Token[] {
    const out: Token[] = [];
    for (let at = 0; at < tokens.length;) {
      const name = snippetName(tokens, at);
      if (name === undefined) {
        const end = opensBlock(tokens, at) ? Math.min(closingOf(tokens, at) + 1, tokens.length) : at + 1;
        out.push(...tokens.slice(at, end));
        at = end;
        continue;
      }
      const closing = closingOf(tokens, at + 1);
      this.define(name, tokens.slice(at + 2, closing), tokens[at] as Token);
      at = closing + 1;
    }
    return out;
  }

  /** @throws CaddyfileError for a second one of that name */
  define(name: string, body: readonly Token[], at: Token): void {
    const { snippets } = this.#expansion;
    if (snippets.has(name)) throw new CaddyfileError(`the snippet ${name} is there twice`, at);
    snippets.set(name, body);
  }
}

export function isImport({ text, quote, first }: Token): boolean {
  return first && quote === "" && text === "import";
}

/** `(name) {` at the start of a line. */
export function snippetName(tokens: readonly Token[], at: number): string | undefined {
  const token = tokens[at];
  if (token?.first !== true || token.quote !== "" || !opensBlock(tokens, at + 1)) return undefined;
  return /^\((.+)\)$/.exec(token.text)?.[1];
}

/** An import stands at the start of a line, and so does what it gives. */
function startingLine(tokens: readonly Token[]): readonly Token[] {
  const [first, ...rest] = tokens;
  return first === undefined || first.first ? tokens : [{ ...first, first: true }, ...rest];
}
