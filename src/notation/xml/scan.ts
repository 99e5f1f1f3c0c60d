import type { Problems } from "#notation/problems.ts";
import { findImpossible } from "./characters.ts";
import { Cursor } from "./cursor.ts";
import type { XmlDocument, XmlElement, XmlNode } from "./document.ts";
import { scanName, scanStartTag } from "./scan-tag.ts";
import { scanTextValue } from "./scan-value.ts";
import { SourceText } from "./source-text.ts";

/** Nobody nests policies this deep on purpose, and readers of the tree recurse. */
const maxDepth = 64;

/** Far more than the largest document that API Management takes. */
const maxElements = 20_000;

interface Open {
  readonly name: string;
  readonly at: number;
  readonly attributes: XmlElement["attributes"];
  readonly innerStart: number;
  readonly children: XmlNode[];
}

/**
 * Reads a policy document, `xml` or `rawxml`: XML in which the text of an expression may stand as it is, without
 * escapes. There is no DTD and no entity but those of XML itself. All problems are reported, up to a score.
 * @returns null when the structure is not to be trusted
 */
export function scanXml(file: string, text: string, problems: Problems): XmlDocument | null {
  const source = new SourceText(file, text.startsWith("\ufeff") ? text.slice(1) : text);
  const cursor = new Cursor(source, problems);
  const impossible = findImpossible(source.text);
  if (impossible >= 0) cursor.report("xml-syntax", impossible, "a character that XML does not have", "remove it");
  const root = new Scan(cursor).run();
  if (root === null && !cursor.failed) {
    cursor.report("xml-syntax", 0, "there is no element here", "begin with <policies> or <fragment>");
  }
  if (root === null || cursor.failed) return null;
  return { source, root, form: cursor.raw ? "rawxml" : "xml", expressions: cursor.expressions };
}

class Scan {
  readonly #cursor: Cursor;
  readonly #open: Open[] = [];
  #root: XmlElement | null = null;
  #elements = 0;

  constructor(cursor: Cursor) {
    this.#cursor = cursor;
  }

  run(): XmlElement | null {
    const cursor = this.#cursor;
    while (cursor.at < cursor.text.length) this.#step();
    for (const { name, at } of this.#open.toReversed()) {
      if (!cursor.stopped) cursor.report("xml-syntax", at, `${name} is never closed`, `add </${name}>`);
    }
    return this.#root;
  }

  #step(): void {
    const { text, at } = this.#cursor;
    if (text[at] !== "<") return this.#text();
    if (text.startsWith("<!--", at)) return this.#skip("<!--", "-->", "this comment never ends");
    if (text.startsWith("<![CDATA[", at)) return this.#characters();
    if (text.startsWith("<?", at)) return this.#skip("<?", "?>", "this processing instruction never ends");
    if (text.startsWith("<!", at)) return this.#doctype();
    return text[at + 1] === "/" ? this.#endTag() : this.#startTag();
  }

  #text(): void {
    const { at } = this.#cursor;
    const value = scanTextValue(this.#cursor);
    if (value === undefined) return;
    const parent = this.#open.at(-1);
    if (parent !== undefined) parent.children.push({ kind: "text", value });
    else this.#cursor.report("xml-syntax", at, "text outside of the document's element", "move or remove it");
  }

  #skip(start: string, end: string, problem: string): void {
    const { at } = this.#cursor;
    if (this.#cursor.goBehind(end, at + start.length)) return;
    this.#cursor.report("xml-syntax", at, problem, `close it with ${end}`);
    this.#cursor.stop();
  }

  #characters(): void {
    const start = this.#cursor.at + "<![CDATA[".length;
    this.#skip("<![CDATA[", "]]>", "this CDATA section never ends");
    if (this.#cursor.stopped) return;
    const value = { kind: "cdata", start, end: this.#cursor.at - 3 } as const;
    this.#open.at(-1)?.children.push({ kind: "text", value });
  }

  /** With a DTD come entities of one's own, and with those files of others and texts that grow without bound. */
  #doctype(): void {
    const { at } = this.#cursor;
    this.#cursor.report("xml-doctype", at, "a document type is not read", "remove it");
    this.#cursor.goBehind(">", at);
  }

  #startTag(): void {
    const cursor = this.#cursor;
    const { at } = cursor;
    cursor.at += 1;
    const name = scanName(cursor);
    if (name === undefined) return cursor.report("xml-syntax", at, "a < that begins no tag", "write &lt;");
    const { attributes, empty } = scanStartTag(cursor, name);
    if (cursor.stopped || !this.#fits(name, at)) return;
    const open = { name, at, attributes, innerStart: cursor.at, children: [] };
    if (empty) this.#close(open, cursor.at);
    else this.#open.push(open);
  }

  #fits(name: string, at: number): boolean {
    this.#elements += 1;
    const problem =
      this.#open.length >= maxDepth
        ? `elements are nested more than ${maxDepth} deep`
        : this.#elements > maxElements
          ? `more than ${maxElements} elements`
          : undefined;
    if (problem !== undefined) {
      this.#cursor.report("xml-too-large", at, problem);
      this.#cursor.stop();
    } else if (this.#open.length === 0 && this.#root !== null) {
      this.#cursor.report("xml-syntax", at, `a second document, ${name}, begins here`, "keep one element around all");
    }
    return problem === undefined;
  }

  #endTag(): void {
    const cursor = this.#cursor;
    const { at } = cursor;
    cursor.at += 2;
    const name = scanName(cursor) ?? "";
    if (cursor.match(/\s*>/y) === undefined) {
      cursor.report("xml-syntax", at, `the tag </${name} is never closed`, "close it with >");
    }
    const depth = this.#open.findLastIndex((open) => open.name === name);
    if (depth < 0) return cursor.report("xml-syntax", at, `</${name}> closes nothing`, "remove it");
    while (this.#open.length > depth) {
      const open = this.#open.pop();
      if (open === undefined) return;
      if (this.#open.length > depth) {
        const line = cursor.source.at(at).line;
        cursor.report(
          "xml-syntax",
          open.at,
          `${open.name} is not closed before </${name}> in line ${line}`,
          `add </${open.name}>`,
        );
      }
      this.#close(open, at);
    }
  }

  #close({ name, at, attributes, innerStart, children }: Open, innerEnd: number): void {
    const inner = { start: innerStart, end: innerEnd };
    const element: XmlElement = { kind: "element", name, at, attributes, children, inner, end: this.#cursor.at };
    const parent = this.#open.at(-1);
    if (parent !== undefined) parent.children.push(element);
    else this.#root ??= element;
  }
}
