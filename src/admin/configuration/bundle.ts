import { hash } from "node:crypto";
import { dirname, relative, sep } from "node:path";
import type { SourceFile } from "#config/files.ts";

/**
 * The text of a configuration: the definition and the documents beside it (OpenAPI, schemas, policies in XML, pages),
 * read, compared and replaced as one.
 */
export interface Bundle {
  /** Name relative to the definition's folder, with `/`; the definition first. */
  readonly files: ReadonlyMap<string, string>;
  /** SHA-256 over names and texts, hex: what the ETag says. */
  readonly hash: string;
}

export function bundleOf(files: ReadonlyMap<string, string>): Bundle {
  const sorted = [...files].toSorted(([a], [b]) => (a < b ? -1 : 1));
  return { files, hash: hash("sha256", JSON.stringify(sorted), "hex") };
}

/** Documents outside the definition's folder belong to somebody else: they are read, and never written or kept. */
export function bundleOfDocuments(definition: string, documents: readonly SourceFile[]): Bundle {
  const folder = dirname(definition);
  const files = documents.map(({ path, text }) => [nameIn(folder, path), text] as const);
  return bundleOf(new Map(files.filter((file): file is [string, string] => file[0] !== undefined)));
}

/** Undefined for what is not below the folder. */
export function nameIn(folder: string, path: string): string | undefined {
  const name = relative(folder, path);
  return name === "" || name === ".." || name.startsWith(`..${sep}`) || name.includes(":")
    ? undefined
    : name.replaceAll(sep, "/");
}

/** An API of hundreds of operations may have a policy document for each. */
const maxFiles = 2048;
/** Texts that a definition refers to; nothing that anybody would run. */
const endings = /\.(ya?ml|json|xml|xsd|wsdl|graphqls?|gql|html?|txt|css|csv|md|svg)$/;
const part = /^[A-Za-z0-9_][A-Za-z0-9._-]*$/;

/** Why a name that came over the network cannot be written; undefined when it can. */
export function nameProblem(name: string): string | undefined {
  if (name.length > 200) return "is longer than 200 characters";
  if (!endings.test(name)) return "does not end like a text of a configuration (.yaml, .json, .xml, .graphql, …)";
  // No part begins with a dot: neither `..` nor what is hidden can be named.
  return name.split("/").every((one) => part.test(one))
    ? undefined
    : "is not a plain path below the definition's folder";
}

export function tooManyFiles(count: number): string | undefined {
  return count > maxFiles ? `a configuration has at most ${maxFiles} files` : undefined;
}
