import { constants } from "node:fs";
import { open, opendir, realpath, stat } from "node:fs/promises";
import { join } from "node:path";
import { type Hidden, isHidden } from "./hidden.ts";
import { placeOf, verdictOf } from "./open-file.ts";
import type { RootFolder } from "./root-folder.ts";

/** Something in a folder that may be asked for. */
export interface Entry {
  readonly name: string;
  readonly isFolder: boolean;
  readonly isLink: boolean;
  /** Bytes; 0 of a folder. */
  readonly size: number;
  /** Milliseconds since the epoch. */
  readonly modified: number;
}

export interface Listing {
  /** Folders first, by name. */
  readonly entries: readonly Entry[];
  /** There are more, which are not told. */
  readonly isCut: boolean;
}

/** Each is asked about by itself: a folder with more is no page for anybody. */
export const mostEntries = 2000;

const flags = constants.O_RDONLY | (constants.O_DIRECTORY ?? 0) | (constants.O_NONBLOCK ?? 0);

/**
 * What is in a folder that lies below the root, symbolic links followed. What is hidden, leads out of the root or is neither
 * a file nor a folder is not in it: it could not be had either.
 *
 * @param names of the folder, from the root
 */
export async function listFolder(
  root: RootFolder,
  folder: string,
  names: readonly string[],
  hidden: Hidden,
): Promise<Listing | "missing" | "forbidden"> {
  try {
    const handle = await open(folder, flags);
    try {
      const place = placeOf(handle.fd) ?? (await realpath(folder));
      if (!(await root.holds(place)) || !(await handle.stat()).isDirectory()) return "missing";
      // Of the descriptor: the name may lead elsewhere by now.
      const found = await namesIn(process.platform === "linux" ? `/proc/self/fd/${handle.fd}` : place);
      const shown = found.filter((name) => !isHidden([...names, name], hidden));
      return await describe(root, place, shown);
    } finally {
      await handle.close();
    }
  } catch (error) {
    const verdict = verdictOf(error);
    return verdict === "folder" ? "missing" : verdict;
  }
}

/** One more than are shown, so that it is known that there are more. */
async function namesIn(folder: string): Promise<readonly string[]> {
  const names: string[] = [];
  for await (const { name } of await opendir(folder)) {
    names.push(name);
    if (names.length > mostEntries) break;
  }
  return names;
}

async function describe(root: RootFolder, place: string, names: readonly string[]): Promise<Listing> {
  const entries: Entry[] = [];
  for (const name of names.slice(0, mostEntries)) {
    const entry = await entryOf(root, place, name);
    if (entry !== undefined) entries.push(entry);
  }
  return { entries: entries.toSorted(inOrder), isCut: names.length > mostEntries };
}

async function entryOf(root: RootFolder, place: string, name: string): Promise<Entry | undefined> {
  const file = join(place, name);
  try {
    const [facts, leadsTo] = await Promise.all([stat(file), realpath(file)]);
    if (!(await root.holds(leadsTo)) || !(facts.isDirectory() || facts.isFile())) return undefined;
    const isFolder = facts.isDirectory();
    return { name, isFolder, isLink: leadsTo !== file, size: isFolder ? 0 : facts.size, modified: facts.mtimeMs };
  } catch (error) {
    // Gone meanwhile, or leading nowhere.
    verdictOf(error);
    return undefined;
  }
}

function inOrder(a: Entry, b: Entry): number {
  if (a.isFolder !== b.isFolder) return a.isFolder ? -1 : 1;
  const [left, right] = [a.name.toLowerCase(), b.name.toLowerCase()];
  return left < right ? -1 : Number(left > right);
}
