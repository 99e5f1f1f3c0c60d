import { Members } from "#notation/liquid/member.ts";
import { elementsOf, localName, textOf, type XmlElement } from "#policy/xml/xml-node.ts";

/** What an element with `xsi:nil="true"` is to a template. */
export type Nil = "" | null;

/** What a template sees of a body in XML: the root is the first step; prefixes are gone; any case will do. */
export function xmlForLiquid(root: XmlElement, nil: Nil): Members {
  return new Members([[localName(root.name), valueOf(root, nil)]]);
}

/** Elements inside by name, several of one name as a list; without any the text. */
function valueOf(element: XmlElement, nil: Nil): unknown {
  if (isNil(element)) return nil;
  const elements = elementsOf(element);
  if (elements.length === 0) return textOf(element);
  const members = new Map<string, unknown>();
  const lists = new Map<string, unknown[]>();
  for (const child of elements) {
    const name = localName(child.name);
    const value = valueOf(child, nil);
    const list = lists.get(name);
    if (list !== undefined) list.push(value);
    else if (members.has(name)) addList(members, lists, name, value);
    else members.set(name, value);
  }
  for (const [name, value] of element.attributes) {
    if (!members.has(localName(name)) && !name.startsWith("xmlns")) members.set(localName(name), value);
  }
  return new Members(members);
}

function addList(members: Map<string, unknown>, lists: Map<string, unknown[]>, name: string, value: unknown): void {
  const list = [members.get(name), value];
  lists.set(name, list);
  members.set(name, list);
}

function isNil({ attributes }: XmlElement): boolean {
  return attributes.some(([name, value]) => localName(name) === "nil" && name !== "nil" && /^(true|1)$/.test(value));
}
