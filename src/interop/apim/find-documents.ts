import { readdir, readFile, stat } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { isPolicyDocument, type PolicyDocumentFile, scopeOfPath } from "./policy-document.ts";

/** API Management stops at half of it. */
const maxBytes = 1_048_576;

/** What was found under one path. */
export interface FoundDocuments {
  readonly documents: readonly PolicyDocumentFile[];
  /** Files that should have been read and could not be, with the reason. */
  readonly unread: readonly { readonly path: string; readonly message: string }[];
  /** Named values of an APIOps folder that are not secret. */
  readonly values: Readonly<Record<string, string>>;
}

/**
 * Reads a policy document, or all those in a folder: every `.xml` file whose first element says that it is one.
 * Links are not followed.
 * @throws Error of the file system when there is nothing at the path
 */
export async function findDocuments(path: string): Promise<FoundDocuments> {
  if (!(await stat(path)).isDirectory()) return readAll([{ path, scope: null }], false, {});
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const within = (file: string): string => relative(path, file).split(sep).join("/");
  const isApiOps = files.some((file) => /^(apis|products|named values)\//.test(within(file)));
  const documents = files
    .filter((file) => file.endsWith(".xml"))
    .toSorted()
    .map((file) => ({ path: file, scope: isApiOps ? scopeOfPath(within(file)) : null }));
  const named = files.filter((file) => /^named values\/[^/]+\/namedValueInformation\.json$/.test(within(file)));
  return readAll(documents, true, Object.fromEntries((await Promise.all(named.map(readNamedValue))).flat()));
}

async function readAll(
  files: readonly Pick<PolicyDocumentFile, "path" | "scope">[],
  sift: boolean,
  values: Readonly<Record<string, string>>,
): Promise<FoundDocuments> {
  const documents: PolicyDocumentFile[] = [];
  const unread: { path: string; message: string }[] = [];
  for (const { path, scope } of files) {
    const text = await readText(path);
    if (typeof text !== "string") unread.push({ path, message: text.message });
    else if (!sift || isPolicyDocument(text)) documents.push({ path, text, scope });
  }
  return { documents, unread, values };
}

async function readText(path: string): Promise<string | { readonly message: string }> {
  if ((await stat(path)).size > maxBytes) return { message: `has more than ${maxBytes} bytes` };
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(await readFile(path));
  } catch (error) {
    return { message: error instanceof TypeError ? "is not UTF-8" : "cannot be read" };
  }
}

/** None for a secret, for one in a vault, and for a file that says something else. */
async function readNamedValue(path: string): Promise<readonly (readonly [string, string])[]> {
  const text = await readText(path);
  if (typeof text !== "string") return [];
  try {
    const { properties } = JSON.parse(text) as { readonly properties?: Readonly<Record<string, unknown>> };
    const { displayName, value, secret } = properties ?? {};
    return typeof displayName === "string" && typeof value === "string" && secret !== true
      ? [[displayName, value]]
      : [];
  } catch {
    return [];
  }
}
