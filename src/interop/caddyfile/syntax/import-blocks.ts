import { isClosing, isOpening, type Token } from "./token.ts";

/** What stands in braces behind an import: all of it, and each of its named parts. */
export interface ImportBlocks {
  readonly whole: readonly Token[];
  readonly parts: ReadonlyMap<string, readonly Token[]>;
}

const part = /^\{blocks\.([^{}]+)\}$/;

/** Puts them in the place of `{block}` and `{blocks.name}`; what was not given leaves nothing. */
export function fillBlocks(tokens: readonly Token[], blocks: ImportBlocks): readonly Token[] {
  return tokens.flatMap((token) => {
    if (token.quote !== "") return [token];
    if (token.text === "{block}") return blocks.whole;
    const name = part.exec(token.text)?.[1];
    return name === undefined ? [token] : (blocks.parts.get(name) ?? []);
  });
}

/** @param tokens between the braces */
export function readBlocks(tokens: readonly Token[]): ImportBlocks {
  const parts = new Map<string, readonly Token[]>();
  for (let at = 0; at < tokens.length;) {
    const name = tokens[at] as Token;
    const opening = tokens[at + 1];
    const end = opening !== undefined && opensBlock(tokens, at + 1) ? closingOf(tokens, at + 1) : lineEnd(tokens, at);
    const inside =
      opening !== undefined && opensBlock(tokens, at + 1) ? tokens.slice(at + 2, end) : tokens.slice(at + 1, end);
    parts.set(name.text, inside);
    at = inside.length > 0 && tokens[end] !== undefined && isClosing(tokens[end]) ? end + 1 : Math.max(end, at + 1);
  }
  return { whole: tokens, parts };
}

/** A brace opens a block where it ends its line. */
export function opensBlock(tokens: readonly Token[], at: number): boolean {
  const token = tokens[at];
  const next = tokens[at + 1];
  return token !== undefined && isOpening(token) && (next === undefined || next.first);
}

/** @returns index of the brace that closes the one at `at`; the number of tokens when there is none */
export function closingOf(tokens: readonly Token[], at: number): number {
  let depth = 0;
  for (let index = at; index < tokens.length; index += 1) {
    if (opensBlock(tokens, index)) depth += 1;
    else if (isClosing(tokens[index] as Token) && tokens[index]?.first === true) {
      depth -= 1;
      if (depth === 0) return index;
    }
  }
  return tokens.length;
}

/** @returns index of the first token of the next line */
export function lineEnd(tokens: readonly Token[], at: number): number {
  let end = at + 1;
  while (end < tokens.length && tokens[end]?.first === false) end += 1;
  return end;
}
