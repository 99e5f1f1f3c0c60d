import type { TypeTable } from "#notation/csharp/type/type-def.ts";
import { NetException } from "#notation/csharp/value/net-exception.ts";
import { Sequence } from "#notation/csharp/value/sequence.ts";
import { selectNodes } from "#notation/csharp/xml/dom.ts";
import { domOf } from "#notation/csharp/xml/linq-of-dom.ts";
import { NamespaceManager } from "#notation/csharp/xml/namespace-manager.ts";
import { XElement, type XNode } from "#notation/csharp/xml/node.ts";

const noPrefixes = new NamespaceManager();

function elementsAt(node: XNode, path: string, manager: NamespaceManager): readonly XElement[] {
  const tree = domOf(node);
  return selectNodes(tree.node, path, (prefix) => manager.lookup(prefix)).map((found) => {
    const original = tree.originals.get(found);
    if (original instanceof XElement) return original;
    throw new NetException("InvalidOperationException", "The XPath expression evaluated to what is no element.");
  });
}

/** System.Xml.XPath.Extensions. */
export const xmlPathTable: TypeTable = {
  name: "XmlPathExtensions",
  namespace: "System.Xml.XPath",
  kind: "static",
  statics: {
    "XPathSelectElement(this XNode node, string expression): XElement": (node: XNode, path: string) =>
      elementsAt(node, path, noPrefixes)[0] ?? null,
    "XPathSelectElement(this XNode node, string expression, XmlNamespaceManager resolver): XElement": (
      node: XNode,
      path: string,
      manager: NamespaceManager,
    ) => elementsAt(node, path, manager)[0] ?? null,
    "XPathSelectElements(this XNode node, string expression): IEnumerable<XElement>": (node: XNode, path: string) =>
      new Sequence(() => elementsAt(node, path, noPrefixes)),
    "XPathSelectElements(this XNode node, string expression, XmlNamespaceManager resolver): IEnumerable<XElement>": (
      node: XNode,
      path: string,
      manager: NamespaceManager,
    ) => new Sequence(() => elementsAt(node, path, manager)),
  },
};
