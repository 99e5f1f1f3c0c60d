import type { XsdValidator } from "libxml2-wasm";
import type { Libxml2Library } from "./library.ts";
import { parseDocument } from "./read-document.ts";

/**
 * A schema with all documents that it includes and imports, the schema itself first. What they refer to each other by is
 * written as {@link locationOf}: nothing else can be opened.
 */
export type XsdDocuments = readonly string[];

export function locationOf(index: number): string {
  return `/${index}.xsd`;
}

/** @param begin number of the document that is the schema itself @throws the library's XmlParseError, XmlValidateError */
export function compileXsd(library: Libxml2Library, documents: XsdDocuments, begin: number = 0): XsdValidator {
  const encoder = new TextEncoder();
  const files = Object.fromEntries(documents.map((text, index) => [locationOf(index), encoder.encode(text)]));
  const main = parseDocument(library, documents[begin] ?? "", locationOf(begin));
  library.xmlRegisterInputProvider(new library.XmlBufferInputProvider(files));
  try {
    return library.XsdValidator.fromDoc(main);
  } finally {
    library.xmlCleanupInputProvider();
    main.dispose();
  }
}
