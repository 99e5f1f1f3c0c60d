import type { XmlDocument } from "libxml2-wasm";
import type { Libxml2Library } from "./library.ts";

/** What stands before the root: blanks, processing instructions, comments. */
const beforeRoot = /\s+|<\?[^]*?\?>|<!--[^]*?-->/y;

/** A document type can make a short document a long one, and tell of other files. */
export function hasDocumentType(text: string): boolean {
  beforeRoot.lastIndex = 0;
  let at = 0;
  while (beforeRoot.test(text)) at = beforeRoot.lastIndex;
  return text.startsWith("<!", at) && !text.startsWith("<!--", at);
}

/**
 * Without entities, and without a word to the network. The text is decoded already, whatever its declaration says.
 * @throws the library's XmlParseError
 */
export function parseDocument(
  { XmlDocument: documents, ParseOption }: Libxml2Library,
  text: string,
  url?: string,
): XmlDocument {
  const option =
    ParseOption.XML_PARSE_NONET |
    ParseOption.XML_PARSE_NO_XXE |
    ParseOption.XML_PARSE_NO_SYS_CATALOG |
    ParseOption.XML_PARSE_IGNORE_ENC |
    ParseOption.XML_PARSE_BIG_LINES;
  return documents.fromString(text, { option, ...(url === undefined ? {} : { url }) });
}
