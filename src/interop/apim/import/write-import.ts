import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Imported } from "./import-folder.ts";

/** Names what an import wrote, so that the next one can take its place. */
const manifestFile = ".sallyport-import.json";

/**
 * Writes the definition and everything beside it into a folder that is new or empty; with `force` also into one that
 * an import has written, whose files go first.
 * @returns a message when the folder is something else; nothing is written then
 */
export async function writeImport(
  folder: string,
  imported: Pick<Imported, "files" | "secrets">,
  force: boolean,
): Promise<string | undefined> {
  await mkdir(folder, { recursive: true });
  const present = await readdir(folder);
  if (present.length > 0) {
    const earlier = await writtenBefore(folder);
    if (earlier === undefined) return `${folder} is not empty`;
    if (!force) return `${folder} holds an earlier import, and what may have been changed in it since`;
    for (const path of earlier) await rm(join(folder, path), { force: true });
  }
  for (const [path, text] of imported.files) await write(folder, path, text, 0o666, 0o777);
  for (const [path, text] of imported.secrets) await write(folder, path, text, 0o600, 0o700);
  const all = [...imported.files.keys(), ...imported.secrets.keys()];
  await writeFile(join(folder, manifestFile), `${JSON.stringify({ version: 1, files: all.toSorted() }, null, 2)}\n`);
  return undefined;
}

/** A file that is there already was not ours, and is not followed if it is a link. */
async function write(folder: string, path: string, text: string, mode: number, folderMode: number): Promise<void> {
  await mkdir(dirname(join(folder, path)), { recursive: true, mode: folderMode });
  await writeFile(join(folder, path), text, { mode, flag: "wx" });
}

/** Paths of an earlier import, all of them below the folder; undefined when it is none. */
async function writtenBefore(folder: string): Promise<readonly string[] | undefined> {
  try {
    const { files } = JSON.parse(await readFile(join(folder, manifestFile), "utf8")) as { readonly files?: unknown };
    if (!Array.isArray(files)) return undefined;
    return files.every(isInside) ? files : undefined;
  } catch {
    return undefined;
  }
}

function isInside(path: unknown): path is string {
  return typeof path === "string" && path !== "" && !path.startsWith("/") && !path.split(/[/\\]/).includes("..");
}
