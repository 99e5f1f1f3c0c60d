import { fillEnvironment } from "./environment.ts";
import { closingOf, opensBlock } from "./import-blocks.ts";
import { type Expansion, Importer, isImport, snippetName } from "./expand.ts";
import { lex } from "./lexer.ts";
import type { SourceFiles } from "./source-files.ts";
import { CaddyfileError, isOpening, type Token } from "./token.ts";
import { type Line, parseLines } from "./tree.ts";

/** A site: where it is, and what it says. */
export interface SiteBlock {
  readonly keys: readonly Token[];
  readonly lines: readonly Line[];
}

/** A Caddyfile, its imports and snippets filled in. */
export interface Document {
  readonly globals: readonly Line[];
  readonly sites: readonly SiteBlock[];
  /** `&(name)`: routes that `invoke` runs. */
  readonly routes: ReadonlyMap<string, readonly Line[]>;
}

export interface ReadOptions {
  readonly file: string;
  readonly files: SourceFiles;
  /** For `{$NAME}`. */
  readonly variables: Readonly<Record<string, string | undefined>>;
}

/** @throws CaddyfileError for what cannot be read */
export function readDocument(source: string, { file, files, variables }: ReadOptions): Document {
  return new DocumentReader(lex(fillEnvironment(source, variables), file), {
    files,
    variables,
    snippets: new Map(),
  }).read();
}

class DocumentReader {
  #tokens: readonly Token[];
  readonly #importer: Importer;
  readonly #sites: SiteBlock[] = [];
  readonly #routes = new Map<string, readonly Line[]>();
  #globals: readonly Line[] = [];
  #at = 0;

  constructor(tokens: readonly Token[], expansion: Expansion) {
    this.#tokens = tokens;
    this.#importer = new Importer(expansion);
  }

  read(): Document {
    while (this.#at < this.#tokens.length) this.#block();
    return { globals: this.#globals, sites: this.#sites, routes: this.#routes };
  }

  #block(): void {
    const token = this.#tokens[this.#at] as Token;
    const snippet = snippetName(this.#tokens, this.#at);
    if (isImport(token)) this.#import();
    else if (snippet !== undefined) this.#importer.define(snippet, this.#braced(this.#at + 1), token);
    else if (isOpening(token)) this.#readGlobals(token);
    else this.#site();
  }

  #import(): void {
    const { imported, end } = this.#importer.importAt(this.#tokens, this.#at, []);
    this.#tokens = [...imported, ...this.#tokens.slice(end)];
    this.#at = 0;
  }

  /** What stands between the braces; goes on behind them. */
  #braced(opening: number): readonly Token[] {
    const closing = closingOf(this.#tokens, opening);
    if (closing >= this.#tokens.length) {
      throw new CaddyfileError("this brace is never closed", this.#tokens[opening] as Token);
    }
    this.#at = closing + 1;
    return this.#tokens.slice(opening + 1, closing);
  }

  #readGlobals(token: Token): void {
    if (this.#sites.length > 0 || this.#globals.length > 0) {
      throw new CaddyfileError("a block without an address: the global options stand first, and once", token);
    }
    this.#globals = parseLines(this.#importer.expand(this.#braced(this.#at)));
  }

  #site(): void {
    const keys: Token[] = [];
    for (;;) {
      const token = this.#tokens[this.#at];
      if (token === undefined) break;
      if (opensBlock(this.#tokens, this.#at)) return this.#add(keys, this.#braced(this.#at));
      const goesOn = keys.length === 0 || !token.first || keys.at(-1)?.text.endsWith(",") === true;
      if (!goesOn) break;
      keys.push(token);
      this.#at += 1;
    }
    // Without braces there is one site, and all that follows is its own.
    const rest = this.#tokens.slice(this.#at);
    this.#at = this.#tokens.length;
    return this.#add(keys, rest);
  }

  #add(keys: readonly Token[], tokens: readonly Token[]): void {
    const lines = parseLines(this.#importer.expand(tokens));
    const [first] = keys;
    const route = first === undefined ? undefined : /^&\((.+)\)$/.exec(first.text)?.[1];
    if (route === undefined) this.#sites.push({ keys, lines });
    else if (this.#routes.has(route)) throw new CaddyfileError(`there are two routes &(${route})`, first as Token);
    else this.#routes.set(route, lines);
  }
}
