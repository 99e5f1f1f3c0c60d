import { type Document, isAlias, type LineCounter, type Node } from "yaml";
import type { SourcePosition } from "#model/diagnostic.ts";
import type { Problems } from "#notation/problems.ts";
import type { Slot } from "./slot.ts";

/** Ten aliases to ten aliases to … make a file of a hundred bytes a tree of millions of nodes. */
const maxAliases = 1000;

/** A parsed file: nodes, and where they stand. */
export class YamlFile {
  readonly name: string;
  readonly text: string;
  readonly #document: Document;
  readonly #lines: LineCounter;
  #aliases = 0;

  constructor(name: string, text: string, document: Document, lines: LineCounter) {
    this.name = name;
    this.text = text;
    this.#document = document;
    this.#lines = lines;
  }

  root(problems: Problems): Slot {
    return this.slot(this.#document.contents, 0, problems);
  }

  at(offset: number): SourcePosition {
    const { line, col } = this.#lines.linePos(Math.min(offset, this.text.length));
    return { file: this.name, line: Math.max(line, 1), column: Math.max(col, 1) };
  }

  /** The node with its alias followed; `offset` says where it is missing when it is. */
  slot(node: unknown, offset: number, problems: Problems): Slot {
    if (!isAlias(node)) {
      const found = (node ?? null) as Node | null;
      return { node: found, at: this.at(found?.range?.[0] ?? offset) };
    }
    const at = this.at(node.range?.[0] ?? offset);
    return { node: this.#target(node.source, at, () => node.resolve(this.#document), problems), at };
  }

  #target(name: string, at: SourcePosition, resolve: () => Node | undefined, problems: Problems): Node | null {
    this.#aliases += 1;
    if (this.#aliases > maxAliases) {
      if (this.#aliases === maxAliases + 1) {
        problems.error("yaml-alias", at, `more than ${maxAliases} aliases`, "write the values out");
      }
      return null;
    }
    const found = resolve();
    if (found === undefined) problems.error("yaml-alias", at, `no anchor &${name} before this alias`);
    return found ?? null;
  }
}
