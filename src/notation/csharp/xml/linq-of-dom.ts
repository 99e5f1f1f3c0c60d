import { DomNode, xmlnsUri } from "#notation/dom/node.ts";
import {
  XAttribute,
  XCData,
  XComment,
  type XContainer,
  XDocument,
  XElement,
  XInstruction,
  XName,
  type XNode,
  XText,
} from "./node.ts";
import { runMeter } from "./run-meter.ts";

/** A node of XDocument's kind made of one of XmlDocument's. Documents are at most 200 deep. */
export function linqOf(node: DomNode): XNode {
  switch (node.kind) {
    case "element":
      return elementOf(node);
    case "cdata":
      return new XCData(node.value);
    case "comment":
      return new XComment(node.value);
    case "instruction":
      return new XInstruction(node.name.local, node.value);
    default:
      return new XText(node.value);
  }
}

function elementOf(node: DomNode): XElement {
  const element = new XElement(new XName(node.name.uri, node.name.local));
  for (const { name, value } of node.attributes) {
    const uri = name.uri === xmlnsUri && name.prefix === "" ? "" : name.uri;
    element.takeAttribute(new XAttribute(new XName(uri, name.local), value));
  }
  for (const child of node.children) element.insert(element.nodes.length, linqOf(child));
  return element;
}

/** The tree around a node of XDocument's kind, as paths walk through it, and which node there is which here. */
export interface MirroredTree {
  readonly node: DomNode;
  readonly originals: ReadonlyMap<DomNode, XNode | XAttribute>;
}

export function domOf(node: XNode): MirroredTree {
  let top = node;
  while (top.parent !== null) top = top.parent;
  const originals = new Map<DomNode, XNode | XAttribute>();
  const mirrors = new Map<XNode, DomNode>();
  const make = (from: XNode): DomNode => {
    runMeter.step();
    const made = mirror(from);
    originals.set(made, from);
    mirrors.set(from, made);
    if (from instanceof XElement) {
      for (const attribute of from.attributes) {
        const own = attributeOf(attribute);
        originals.set(own, attribute);
        own.parent = made;
        made.attributes.push(own);
      }
    }
    if ("nodes" in from) for (const child of (from as XContainer).nodes) made.insert(make(child));
    return made;
  };
  make(top);
  return { node: mirrors.get(node) as DomNode, originals };
}

function mirror(node: XNode): DomNode {
  if (node instanceof XElement) {
    const { uri, local } = node.name;
    return new DomNode("element", runMeter, { prefix: "", local, uri });
  }
  if (node instanceof XDocument) return new DomNode("document", runMeter);
  if (node instanceof XText) return new DomNode("text", runMeter, undefined, node.value);
  if (node instanceof XComment) return new DomNode("comment", runMeter, undefined, node.value);
  const { target, data } = node as XInstruction;
  return new DomNode("instruction", runMeter, { prefix: "", local: target, uri: "" }, data);
}

function attributeOf({ name, value, isNamespace }: XAttribute): DomNode {
  const isDefault = isNamespace && name.uri === "";
  return new DomNode(
    "attribute",
    runMeter,
    { prefix: isNamespace && !isDefault ? "xmlns" : "", local: name.local, uri: isDefault ? xmlnsUri : name.uri },
    value,
  );
}
