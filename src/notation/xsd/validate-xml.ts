import type { XsdValidator } from "libxml2-wasm";
import type { Xsd } from "./library.ts";
import { hasDocumentType, parseDocument } from "./read-document.ts";
import { isEnvelope } from "./soap-documents.ts";
import { withoutValues } from "./without-values.ts";

/** The library gave up: for want of memory, or in one of its own bounds. Its thread is not to be used again. */
export class XsdGaveUp extends Error {}

interface Detail {
  readonly message: string;
  /** 1 is a warning. */
  readonly level: number;
  readonly line: number;
  readonly col: number;
}

/**
 * What is wrong with a document; undefined when it is right. Says nothing of its values.
 * @param isSoap it has to be an envelope: whatever else the schema declares may not stand at the top then
 * @throws XsdGaveUp
 */
export function validateXml(xsd: Xsd, validator: XsdValidator, text: string, isSoap = false): string | undefined {
  if (hasDocumentType(text)) return "It has a document type.";
  xsd.takeShortage();
  const problem = problemOf(xsd, validator, text, isSoap);
  if (xsd.takeShortage()) throw new XsdGaveUp("it took too much memory");
  return problem;
}

function problemOf({ libxml2 }: Xsd, validator: XsdValidator, text: string, isSoap: boolean): string | undefined {
  const { XmlParseError, XmlValidateError } = libxml2;
  try {
    const document = parseDocument(libxml2, text);
    try {
      const { name, namespaceUri, line } = document.root;
      if (isSoap && !isEnvelope(name, namespaceUri)) return `It is no SOAP envelope. Line: ${line}`;
      validator.validate(document);
    } finally {
      document.dispose();
    }
    return undefined;
  } catch (error) {
    if (error instanceof XmlParseError) return `It is no well-formed XML.${placeOf(error.details[0])}`;
    if (!(error instanceof XmlValidateError)) throw new XsdGaveUp("it cannot be held against its schema");
    const first = error.details.find(({ level }) => level > 1);
    return `${withoutValues(first?.message ?? "")}${placeOf(first)}`;
  }
}

function placeOf(detail: Detail | undefined): string {
  if (detail === undefined) return "";
  return detail.col > 0 ? ` Line: ${detail.line}, Position: ${detail.col}` : ` Line: ${detail.line}`;
}
