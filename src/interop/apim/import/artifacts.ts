import { readdir, readFile, stat } from "node:fs/promises";
import { join, relative, sep } from "node:path";

/** The texts of an APIOps folder. */
export interface Artifacts {
  /** As messages name it. */
  readonly folder: string;
  /** By path below the folder, with `/`; in the order of their names. */
  readonly texts: ReadonlyMap<string, string>;
  /** `configuration.<env>.yaml`, in the folder or beside it, by environment. */
  readonly configurations: ReadonlyMap<string, string>;
  /** Paths of files that are there and were not read, with the reason. */
  readonly unread: ReadonlyMap<string, string>;
}

const maxBytes = 16 * 1024 * 1024;
const maxFiles = 50_000;
const kinds = /^(apis|products|backends|named values|policy fragments|version sets|subscriptions)$/;
const texts = /\.(json|ya?ml|xml|graphql|wadl|wsdl|proto|xsd)$/i;

/**
 * Finds the APIOps folder at a path or up to three levels below it, and reads it. Links are not followed.
 * @returns a message when there is none, or when there are several
 * @throws Error of the file system when there is nothing at the path
 */
export async function readArtifacts(path: string): Promise<Artifacts | string> {
  const found = await findRoots(path, 3);
  const [folder] = found;
  if (folder === undefined) return `${path} is no APIOps folder: it has no apis, products or named values`;
  if (found.length > 1) return `${path} holds several APIOps folders: ${found.join(", ")}`;
  const unread = new Map<string, string>();
  const read = new Map<string, string>();
  const files = await filesBelow(folder);
  if (files.length > maxFiles) return `${folder} has more than ${maxFiles} files`;
  for (const file of files) {
    const text = texts.test(file) ? await readText(join(folder, file)) : { problem: "is of no kind that is read" };
    if (typeof text === "string") read.set(file, text);
    else unread.set(file, text.problem);
  }
  return { folder, texts: read, configurations: await configurationsOf(folder, unread), unread };
}

async function findRoots(path: string, depth: number): Promise<readonly string[]> {
  const entries = await readdir(path, { withFileTypes: true });
  const folders = entries.filter((entry) => entry.isDirectory() && !/^(\.git|node_modules)$/.test(entry.name));
  if (folders.some(({ name }) => kinds.test(name))) return [path];
  if (depth === 0) return [];
  const inner: string[] = [];
  for (const { name } of folders.toSorted((a, b) => compare(a.name, b.name))) {
    inner.push(...(await findRoots(join(path, name), depth - 1)));
  }
  return inner;
}

async function filesBelow(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const names = files.map(({ parentPath, name }) => relative(folder, join(parentPath, name)).split(sep).join("/"));
  return names.toSorted(compare);
}

/** Extractors have a configuration of this name too; it says what to extract. */
async function configurationsOf(folder: string, unread: Map<string, string>): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for (const place of [folder, join(folder, "..")]) {
    for (const name of (await readdir(place)).toSorted(compare)) {
      const [, environment = ""] = /^configuration\.([\w-]{1,60})\.ya?ml$/.exec(name) ?? [];
      if (environment === "" || /extract/i.test(environment) || found.has(environment)) continue;
      const text = await readText(join(place, name));
      if (typeof text === "string") found.set(environment, text);
      else unread.set(name, text.problem);
    }
  }
  return new Map([...found].toSorted(([a], [b]) => compare(a, b)));
}

async function readText(path: string): Promise<string | { readonly problem: string }> {
  if ((await stat(path)).size > maxBytes) return { problem: `has more than ${maxBytes} bytes` };
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(await readFile(path));
  } catch (error) {
    return { problem: error instanceof TypeError ? "is not UTF-8" : "cannot be read" };
  }
}

/** By code units: the same order on every machine. */
export function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
