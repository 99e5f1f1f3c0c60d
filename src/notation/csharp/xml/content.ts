import { isoDate } from "#notation/csharp/json/write.ts";
import { DateTime, DateTimeOffset } from "#notation/csharp/value/date-time.ts";
import { iterate } from "#notation/csharp/value/iterate.ts";
import { NetArray } from "#notation/csharp/value/net-array.ts";
import { toText } from "#notation/csharp/value/to-text.ts";
import { XAttribute, type XContainer, XElement, XNode, XText } from "./node.ts";

/** Text of a value as XML has it: `true`, ISO dates. */
export function xmlText(value: unknown): string {
  if (typeof value === "boolean") return value ? "true" : "false";
  return value instanceof DateTime || value instanceof DateTimeOffset ? isoDate(value) : toText(value);
}

/** Content of a constructor or of Add: nodes, attributes, sequences of them, and text of everything else. */
export function addContent(parent: XContainer, content: unknown, at: number = parent.nodes.length): void {
  if (content === null || content === undefined) return;
  if (content instanceof XAttribute) {
    if (parent instanceof XElement) parent.addAttribute(content);
  } else if (content instanceof XNode) parent.insert(at, content);
  else if (content instanceof NetArray || (typeof content === "object" && Symbol.iterator in content)) {
    let index = at;
    for (const item of iterate(content)) {
      const before = parent.nodes.length;
      addContent(parent, item, index);
      index += parent.nodes.length - before;
    }
  } else {
    const text = xmlText(content);
    if (text !== "") parent.insert(at, new XText(text));
  }
}
