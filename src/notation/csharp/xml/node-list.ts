import type { NetObject } from "#notation/csharp/value/net-object.ts";
import type { DomNode } from "#notation/dom/node.ts";

/** XmlNodeList and XmlAttributeCollection. Lists of what is inside a node show what becomes of it. */
export class NodeList implements NetObject {
  readonly netType: string;
  readonly #nodes: () => readonly DomNode[];

  constructor(nodes: () => readonly DomNode[], netType = "XmlNodeList") {
    this.#nodes = nodes;
    this.netType = netType;
  }

  get count(): number {
    return this.#nodes().length;
  }

  get(index: number): DomNode | null {
    return this.#nodes()[index] ?? null;
  }

  find(fits: (node: DomNode) => boolean): DomNode | null {
    return this.#nodes().find(fits) ?? null;
  }

  [Symbol.iterator](): Iterator<DomNode> {
    return [...this.#nodes()][Symbol.iterator]();
  }

  toString(): string {
    return `System.Xml.${this.netType}`;
  }
}
