import { isMap, isScalar, LineCounter, Pair, parseDocument, YAMLMap } from "yaml";
import { hashText } from "#lib/hash32.ts";
import { entryLines, isBareKey, type Lines, linesOf, startOf } from "./entry-lines.ts";
import { hasAnchors, moveNodes } from "./nodes.ts";

/** Entries are put together up to here: a parser of its own for each would cost more than it saves. */
const pieceLength = 4096;
/** Entries from here on are taken apart. */
const largeLength = 16_384;
/** One entry in so many begins a piece, by its key: so that an entry more does not move the borders behind it. */
const border = 32;

interface Piece {
  /** Where the nodes think that its text begins. */
  start: number;
  readonly items: readonly Pair[];
}

export interface Joined {
  readonly contents: YAMLMap;
  readonly lines: LineCounter;
}

/**
 * Parses YAML piece by piece and keeps the pieces: of a definition of ten thousand routes few lines change at a time,
 * and the parser is what takes longest. What is given back is what the parser makes of the whole text, or nothing:
 * wherever that is not plain to see (anchors, several documents, any error) the whole is to be parsed.
 *
 * Nodes belong to one reading: with the next one they move to where their text stands then.
 */
export class YamlPieces {
  #before: Map<string, Piece[]> = new Map();
  #kept: Map<string, Piece[]> = new Map();
  #parsed = 0;

  /** Pieces that were not there yet, of all readings. */
  get parsed(): number {
    return this.#parsed;
  }

  /** Another reading begins. Pieces that the one before did not meet are let go. */
  begin(): void {
    this.#before = this.#kept;
    this.#kept = new Map();
  }

  parse(text: string): Joined | undefined {
    if (text.includes("\r")) return undefined;
    const lines = linesOf(text);
    const contents = this.#map(lines);
    if (contents === undefined) return undefined;
    const counter = new LineCounter();
    for (const start of lines.starts) counter.addNewLine(start);
    return { contents, lines: counter };
  }

  #map(lines: Lines): YAMLMap | undefined {
    const entries = entryLines(lines);
    if (entries === undefined) return undefined;
    const map = new YAMLMap();
    for (const part of partsOf(lines, entries)) {
      const items = this.#large(part) ?? this.#piece(part);
      if (items === undefined) return undefined;
      map.items.push(...items);
    }
    if (!hasDistinctKeys(map)) return undefined;
    const start = map.items[0]?.key;
    const end = startOf(lines, lines.to);
    map.range = [(isScalar(start) && start.range?.[0]) || startOf(lines, lines.from), end, end];
    return map;
  }

  /** The one entry of a part that is worth it, its value in pieces. */
  #large(part: Lines): readonly Pair[] | undefined {
    if (startOf(part, part.to) - startOf(part, part.from) < largeLength || !isBareKey(part, part.from))
      return undefined;
    const below = { ...part, from: part.from + 1 };
    const value = this.#map(below);
    const [pair] = value === undefined ? [] : (this.#piece({ ...part, to: part.from + 1 }) ?? []);
    // Another pair: what is kept must not hold what other pieces are.
    return pair && [new Pair(pair.key, value)];
  }

  #parse(text: string): Piece | undefined {
    this.#parsed += 1;
    return parsePiece(text);
  }

  #piece(part: Lines): readonly Pair[] | undefined {
    const start = startOf(part, part.from);
    const text = part.text.slice(start, startOf(part, part.to));
    const piece = this.#before.get(text)?.pop() ?? this.#parse(text);
    if (piece === undefined) return undefined;
    for (const { key, value } of piece.items) {
      moveNodes(key, start - piece.start);
      moveNodes(value, start - piece.start);
    }
    piece.start = start;
    const same = this.#kept.get(text);
    if (same === undefined) this.#kept.set(text, [piece]);
    else same.push(piece);
    return piece.items;
  }
}

/** Consecutive entries, some together. */
function* partsOf(lines: Lines, entries: readonly number[]): Generator<Lines> {
  let from = entries[0] as number;
  for (const [index, line] of entries.entries()) {
    const to = entries[index + 1] ?? lines.to;
    const isLarge = startOf(lines, to) - startOf(lines, line) >= largeLength;
    if (isLarge && from < line) {
      yield { ...lines, from, to: line };
      from = line;
    }
    const length = startOf(lines, to) - startOf(lines, from);
    if (length < pieceLength && to < lines.to && !isBorder(lines, to)) continue;
    yield { ...lines, from, to };
    from = to;
  }
}

function isBorder(lines: Lines, line: number): boolean {
  return hashText(lines.text.slice(startOf(lines, line), startOf(lines, line + 1))) % border === 0;
}

function parsePiece(text: string): Piece | undefined {
  const { contents, errors, warnings } = parseDocument(text, {
    prettyErrors: false,
    logLevel: "silent",
    version: "1.2",
  });
  if (errors.length > 0 || warnings.length > 0 || !isMap(contents) || hasAnchors(contents)) return undefined;
  return { start: 0, items: contents.items };
}

function hasDistinctKeys({ items }: YAMLMap): boolean {
  const keys = new Set(items.map(({ key }) => (isScalar(key) ? key.value : key)));
  return keys.size === items.length;
}
