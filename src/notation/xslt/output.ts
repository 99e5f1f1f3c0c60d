import type { DomNode } from "#notation/dom/node.ts";
import type { Compiler } from "./compiler.ts";
import type { Output } from "./stylesheet.ts";

const encodings: ReadonlySet<string> = new Set(["utf-8", "utf-16", "iso-8859-1", "us-ascii"]);
const methods: ReadonlySet<string> = new Set(["xml", "html", "text"]);

/** All xsl:output elements as one: what a later one says counts. @see XSLT 1.0 §16 */
export function readOutput(compiler: Compiler, elements: readonly DomNode[]): Output {
  const said = (name: string, allowed?: ReadonlySet<string>): string | undefined => {
    const element = elements.findLast((each) => compiler.attribute(each, name) !== undefined);
    if (element === undefined) return undefined;
    const value = compiler.required(element, name);
    if (allowed !== undefined && !allowed.has(value.toLowerCase()))
      compiler.fail(element, `'${name}' is ${[...allowed].join(", ")}`);
    return value;
  };
  const isYes = (name: string): boolean | undefined => {
    const element = elements.findLast((each) => compiler.attribute(each, name) !== undefined);
    return element === undefined ? undefined : compiler.isYes(element, name);
  };
  const mediaType = said("media-type");
  if (mediaType !== undefined && !/^[\w.+-]+\/[\w.+-]+$/.test(mediaType))
    compiler.fail(elements.at(-1) as DomNode, "'media-type' is a media type without parameters");
  const standalone = isYes("standalone");
  return {
    method: said("method", methods) as Output["method"],
    encoding: (said("encoding", encodings)?.toLowerCase() ?? "utf-8") as Output["encoding"],
    omitsDeclaration: isYes("omit-xml-declaration") ?? false,
    standalone: standalone === undefined ? undefined : standalone ? "yes" : "no",
    indents: isYes("indent"),
    doctypePublic: quotable(compiler, elements, said("doctype-public")),
    doctypeSystem: quotable(compiler, elements, said("doctype-system")),
    mediaType,
    cdataElements: new Set(
      elements.flatMap((element) =>
        (compiler.attribute(element, "cdata-section-elements") ?? "")
          .split(/\s+/)
          .filter((name) => name !== "")
          .map((name) => {
            const { uri, local } = compiler.nameOf(element, name, compiler.namespace(element, ""));
            return `{${uri}}${local}`;
          }),
      ),
    ),
  };
}

function quotable(compiler: Compiler, elements: readonly DomNode[], text: string | undefined): string | undefined {
  if (text?.includes('"') === true) compiler.fail(elements.at(-1) as DomNode, "a document type cannot have '\"' in it");
  return text;
}
