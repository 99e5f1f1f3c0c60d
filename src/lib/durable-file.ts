import { type FileHandle, link, open, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

/** A file's new content, on the disk beside it and not yet in its place. */
export interface StagedFile {
  /** Puts it in its place: after a crash the file holds the old text or the new. */
  commit(): Promise<void>;
  discard(): Promise<void>;
}

/**
 * Writes and syncs the text beside the file. The folder must be synced ({@link syncFolder}) after the commits.
 *
 * @param token names the file beside it: tells writers of different kinds apart, and lets a later run take away what a
 *   crash left
 */
export async function stageFile(file: string, text: string, mode: number, token: string): Promise<StagedFile> {
  const temporary = join(dirname(file), `.${basename(file)}.${token}.tmp`);
  const discard = (): Promise<void> => rm(temporary, { force: true });
  try {
    await discard();
    await writeSynced(await open(temporary, "wx", mode), text, mode);
  } catch (error) {
    // Of a read-only folder there is nothing to take back.
    await discard().catch(() => {});
    throw error;
  }
  return { commit: () => rename(temporary, file), discard };
}

/** Replaces a file as a whole, synced. */
export async function replaceFile(file: string, text: string, mode: number, token: string): Promise<void> {
  const staged = await stageFile(file, text, mode, token);
  await staged.commit();
  await syncFolder(dirname(file));
}

/**
 * Makes a file that is not there yet, whole and synced: of several who do so at a time one succeeds.
 *
 * @returns false when it is there already, untouched
 */
export async function createFile(file: string, text: string, mode: number, token: string): Promise<boolean> {
  const temporary = join(dirname(file), `.${basename(file)}.${token}.tmp`);
  try {
    await writeSynced(await open(temporary, "wx", mode), text, mode);
    await placeNew(temporary, file);
    await syncFolder(dirname(file));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  } finally {
    await rm(temporary, { force: true });
  }
}

/** @throws Error `EEXIST` */
async function placeNew(temporary: string, file: string): Promise<void> {
  try {
    await link(temporary, file);
  } catch (error) {
    // Some network shares have no links: there the name is taken first, and then given its content.
    if (!["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS"].includes((error as NodeJS.ErrnoException).code ?? ""))
      throw error;
    await (await open(file, "wx")).close();
    await rename(temporary, file);
  }
}

/** Without it a rename may be lost in a power cut. Windows cannot open folders. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function writeSynced(handle: FileHandle, text: string, mode: number): Promise<void> {
  try {
    await handle.writeFile(text);
    // What `open` makes is cut by the umask.
    await handle.chmod(mode);
    await handle.sync();
  } finally {
    await handle.close();
  }
}
