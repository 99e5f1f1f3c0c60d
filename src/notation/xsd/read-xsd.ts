import type { XmlDocument, XmlElement } from "libxml2-wasm";
import { compileXsd, locationOf, type XsdDocuments } from "./compile-xsd.ts";
import type { Libxml2Library } from "./library.ts";
import { hasDocumentType, parseDocument } from "./read-document.ts";

export interface XsdSource {
  /** As messages name it. */
  readonly path: string;
  readonly text: string;
  /** Tells it from others of the same path; absent: there are none. */
  readonly location?: string;
}

export interface XsdProblem {
  readonly path: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

/** A document that another one refers to; undefined: it is none of the definition's. */
export type FindXsd = (location: string, from: XsdSource) => XsdSource | undefined;

/** A schema that can be compiled. */
export interface XsdSet {
  readonly documents: XsdDocuments;
  /** Target namespace of the first one; null: it has none. */
  readonly namespace: string | null;
}

export type XsdReading = XsdSet | { readonly problems: readonly XsdProblem[] };

const namespaces = { xs: "http://www.w3.org/2001/XMLSchema" };
const references = "/xs:schema/xs:include|/xs:schema/xs:import|/xs:schema/xs:redefine";
const maxDocuments = 200;
const maxProblems = 20;

interface Detail {
  readonly message: string;
  readonly level: number;
  readonly line: number;
  readonly col: number;
  readonly file?: string;
}

/** Reads a schema with all that it includes and imports, and compiles it to see that it is one. */
export function readXsd(library: Libxml2Library, main: XsdSource, find: FindXsd): XsdReading {
  const reading = new SetReading(library, find);
  reading.indexOf(main);
  const documents = reading.readAll();
  if (reading.problems.length > 0) return { problems: reading.problems };
  try {
    compileXsd(library, documents).dispose();
    return { documents, namespace: namespaceOf(library, documents) };
  } catch (error) {
    return { problems: reading.problemsOf(error, main) };
  }
}

function namespaceOf(library: Libxml2Library, [main = ""]: XsdDocuments): string | null {
  const document = parseDocument(library, main);
  try {
    return document.root.attr("targetNamespace")?.value ?? null;
  } finally {
    document.dispose();
  }
}

/** What the library says is wrong. @param named the source of a location, and a message with the names that people know */
export function problemsOf(
  { XmlLibError }: Libxml2Library,
  error: unknown,
  main: XsdSource,
  named: {
    readonly source: (location: string | undefined) => XsdSource | undefined;
    readonly told: (message: string) => string;
  } = { source: () => undefined, told: (message) => message },
): readonly XsdProblem[] {
  const details: readonly Detail[] = error instanceof XmlLibError ? error.details : [];
  const found = details.filter(({ level }) => level > 1).slice(0, maxProblems);
  if (found.length === 0) return [{ path: main.path, line: 1, column: 1, message: "it cannot be compiled" }];
  return found.map(({ message, line, col, file }) => {
    const source = named.source(file) ?? main;
    return {
      path: source.path,
      line: Math.max(1, line),
      column: Math.max(1, col),
      message: named.told(message.trim()),
    };
  });
}

class SetReading {
  readonly problems: XsdProblem[] = [];
  readonly #library: Libxml2Library;
  readonly #find: FindXsd;
  /** In the order of their locations. */
  readonly #sources: XsdSource[] = [];

  constructor(library: Libxml2Library, find: FindXsd) {
    this.#library = library;
    this.#find = find;
  }

  indexOf(source: XsdSource): number {
    const known = this.#sources.findIndex(({ path, location }) => path === source.path && location === source.location);
    return known === -1 ? this.#sources.push(source) - 1 : known;
  }

  readAll(): XsdDocuments {
    const documents: string[] = [];
    // What is read may name more.
    for (let index = 0; index < this.#sources.length && index < maxDocuments; index += 1) {
      documents.push(this.#read(this.#sources[index] as XsdSource));
    }
    return documents;
  }

  problemsOf(error: unknown, main: XsdSource): readonly XsdProblem[] {
    return problemsOf(this.#library, error, main, {
      source: (file) => this.#sources.find((_, index) => locationOf(index) === file),
      told: (message) => this.#told(message),
    });
  }

  #read(source: XsdSource): string {
    if (hasDocumentType(source.text)) {
      this.problems.push({ path: source.path, line: 1, column: 1, message: "a schema has no document type" });
      return "";
    }
    try {
      const document = parseDocument(this.#library, source.text);
      try {
        return this.#written(document, source);
      } finally {
        document.dispose();
      }
    } catch (error) {
      this.problems.push(...this.problemsOf(error, source));
      return "";
    }
  }

  /** With other names for what it refers to: those that it has cannot lead anywhere else then. */
  #written(document: XmlDocument, source: XsdSource): string {
    for (const node of document.find(references, namespaces)) {
      const element = node as XmlElement;
      const location = element.attr("schemaLocation");
      if (location === null) continue;
      const named = this.#find(location.value, source);
      if (named !== undefined) location.value = locationOf(this.indexOf(named));
      else {
        const message = `${location.value.slice(0, 200)} is none of the schemas of this definition`;
        this.problems.push({ path: source.path, line: element.line, column: 1, message });
      }
    }
    const text = document.toString({ format: false, noDeclaration: true });
    const written = parseDocument(this.#library, text);
    try {
      // So that lines are those of the file.
      return "\n".repeat(Math.max(0, document.root.line - written.root.line)) + text;
    } finally {
      written.dispose();
    }
  }

  /** With the names that people know. */
  #told(message: string): string {
    return message.replaceAll(/\/(\d{1,3})\.xsd/g, (name, index: string) => this.#sources[Number(index)]?.path ?? name);
  }
}
