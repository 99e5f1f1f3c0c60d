import { cp, mkdir, mkdtemp, readdir, rename, rm, rmdir, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";

/** Says that an export wrote the folder, so that the next one may take its place. */
const manifestFile = ".sallyport-export.json";

/** What an export writes; everything else in a folder is somebody else's and stays. */
const ours: ReadonlySet<string> = new Set([
  "apis",
  "backends",
  "certificates",
  "groups",
  "loggers",
  "named values",
  "policy fragments",
  "policy.xml",
  "products",
  "schemas",
  "subscriptions",
  "version sets",
  manifestFile,
]);

/**
 * Writes a whole folder at once: beside it, then in its place. Whatever fails, the folder is as it was.
 * @returns a message when the folder is something else; nothing is written then
 */
export async function writeFolder(
  folder: string,
  files: ReadonlyMap<string, string>,
  force: boolean,
): Promise<string | undefined> {
  const target = resolve(folder);
  const present = await entriesOf(target);
  if (present.length > 0 && !present.includes(manifestFile) && !force) return `${folder} is not empty`;
  await mkdir(dirname(target), { recursive: true });
  const made = await mkdtemp(join(dirname(target), `.${basename(target)}-`));
  try {
    for (const [path, text] of files) {
      if (!isInside(path)) throw new Error(`${path} leads out of the folder`);
      await mkdir(dirname(join(made, path)), { recursive: true });
      await writeFile(join(made, path), text, { flag: "wx" });
    }
    await writeFile(join(made, manifestFile), `${JSON.stringify({ version: 1, by: "sallyport export apim" })}\n`);
    for (const name of present.filter((one) => !ours.has(one) && !files.has(one))) {
      await cp(join(target, name), join(made, name), { recursive: true, verbatimSymlinks: true });
    }
    await putInPlace(made, target, present.length > 0);
  } catch (error) {
    await rm(made, { recursive: true, force: true });
    throw error;
  }
  return undefined;
}

/** Names of a definition are plain; that they stay below the folder is checked all the same. */
function isInside(path: string): boolean {
  return !path.startsWith("/") && !path.split(/[/\\]/).some((part) => part === ".." || part === "");
}

async function entriesOf(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

/** A folder cannot be renamed over another one: the old one stands aside for a moment. */
async function putInPlace(made: string, target: string, isFull: boolean): Promise<void> {
  if (!isFull) {
    await rmdir(target).catch(() => undefined);
    return rename(made, target);
  }
  const aside = `${made}-before`;
  await rename(target, aside);
  try {
    await rename(made, target);
  } catch (error) {
    await rename(aside, target);
    throw error;
  }
  await rm(aside, { recursive: true, force: true });
}
