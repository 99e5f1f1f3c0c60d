import { dirname, resolve } from "node:path";
import type { SourcePosition } from "#model/diagnostic.ts";
import type { Problems } from "#notation/problems.ts";

export type ReadFile = (path: string) => Promise<Uint8Array>;

/** A kind of file and the most bytes one may have. */
export interface FileKind {
  readonly name: string;
  readonly maxBytes: number;
  /** What to do when it cannot be read. */
  readonly fix: string;
  /**
   * Its text is part of the configuration that people read, compare and go back to; a pattern: if its name says that it
   * is text. Never so for what may be secret.
   */
  readonly document?: true | RegExp;
}

/** A file of the configuration as it was read. */
export interface SourceFile {
  /** Absolute. */
  readonly path: string;
  readonly text: string;
}

const kib = 1024;
const isFolder = "is a folder";
const relative = "a file is named relative to the folder of the definition";

export const definitionFile: FileKind = {
  name: "definition",
  maxBytes: 4096 * kib,
  fix: "name a definition that is there: --config FILE, unless another option names this one",
  document: true,
};
export const openApiFile: FileKind = {
  name: "OpenAPI document",
  maxBytes: 16 * 1024 * kib,
  fix: relative,
  document: true,
};
export const schemaFile: FileKind = { name: "schema", maxBytes: 4096 * kib, fix: relative, document: true };
export const policyFile: FileKind = { name: "policy document", maxBytes: 1024 * kib, fix: relative, document: true };
export const certificateFile: FileKind = { name: "certificate file", maxBytes: 1024 * kib, fix: relative };
export const graphqlFile: FileKind = { name: "GraphQL schema", maxBytes: 4096 * kib, fix: relative, document: true };
export const wsdlFile: FileKind = { name: "WSDL document", maxBytes: 4096 * kib, fix: relative, document: true };
export const pageFile: FileKind = {
  name: "page",
  maxBytes: 1024 * kib,
  fix: relative,
  document: /\.(html?|txt|css|csv|md|svg|json|xml)$/,
};
export const secretFile: FileKind = { name: "secret file", maxBytes: 64 * kib, fix: relative };

/** Reads the files of one definition, each once, and remembers which ones: a reload watches them, also those that failed. */
export class DefinitionFiles {
  readonly #folder: string;
  readonly #readFile: ReadFile;
  readonly #problems: Problems;
  readonly #read = new Map<string, Promise<Uint8Array | string>>();
  readonly #documents = new Map<string, string>();

  constructor(definition: string, readFile: ReadFile, problems: Problems) {
    this.#folder = dirname(definition);
    this.#readFile = readFile;
    this.#problems = problems;
  }

  /** Absolute names. */
  get names(): readonly string[] {
    return [...this.#read.keys()];
  }

  /** The definition first. */
  get documents(): readonly SourceFile[] {
    return [...this.#documents].map(([path, text]) => ({ path, text }));
  }

  /** Names are relative to the definition's own file. */
  resolve(name: string): string {
    return resolve(this.#folder, name);
  }

  /** The text of a file. Undefined, and reported at the place that names it, when it cannot be had. */
  async text(name: string, at: SourcePosition, kind: FileKind): Promise<string | undefined> {
    const bytes = await this.bytes(name, at, kind);
    if (bytes === undefined) return undefined;
    const path = this.resolve(name);
    const text = this.#decode(bytes, path, at, kind);
    if (text !== undefined && isDocument(kind, path)) this.#documents.set(path, text);
    return text;
  }

  /** The same of a file that is no text. */
  async bytes(name: string, at: SourcePosition, kind: FileKind): Promise<Uint8Array | undefined> {
    const path = this.resolve(name);
    const found = this.#read.get(path) ?? this.#start(path);
    const bytes = await found;
    if (typeof bytes === "string") {
      this.#problems.error("file-unreadable", at, `the ${kind.name} ${path} ${bytes}`, kind.fix);
      return undefined;
    }
    if (bytes.byteLength > kind.maxBytes) {
      const message = `the ${kind.name} ${path} has ${bytes.byteLength} bytes, at most ${kind.maxBytes} are read`;
      this.#problems.error("file-too-large", at, message);
      return undefined;
    }
    return bytes;
  }

  /**
   * The absolute name of a folder. It is not watched: what lies in it is served as it is at the time. Undefined, and
   * reported at the place that names it, when it is no folder.
   */
  async folder(name: string, at: SourcePosition): Promise<string | undefined> {
    const path = this.resolve(name);
    // The one thing that reading a folder as a file tells is that it is one.
    const found = await attempt(() => this.#readFile(path));
    if (found === isFolder) return path;
    const why = typeof found === "string" ? found : "is a file";
    this.#problems.error("file-unreadable", at, `the folder ${path} ${why}`, relative);
    return undefined;
  }

  #start(path: string): Promise<Uint8Array | string> {
    const started = attempt(() => this.#readFile(path));
    this.#read.set(path, started);
    return started;
  }

  #decode(bytes: Uint8Array, path: string, at: SourcePosition, kind: FileKind): string | undefined {
    try {
      return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    } catch {
      this.#problems.error("file-encoding", at, `the ${kind.name} ${path} is not UTF-8`, "save it as UTF-8");
      return undefined;
    }
  }
}

function isDocument({ document }: FileKind, path: string): boolean {
  return document === true || document?.test(path) === true;
}

/** The bytes, or why there are none. */
async function attempt(read: () => Promise<Uint8Array>): Promise<Uint8Array | string> {
  try {
    return await read();
  } catch (error) {
    return reason((error as NodeJS.ErrnoException | null)?.code);
  }
}

function reason(code: string | undefined): string {
  if (code === "ENOENT" || code === "ENOTDIR") return "does not exist";
  if (code === "EISDIR") return isFolder;
  if (code === "EACCES" || code === "EPERM") return "may not be read by this user";
  return `cannot be read${code === undefined ? "" : ` (${code})`}`;
}
