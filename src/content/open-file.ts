import { constants } from "node:fs";
import { type FileHandle, open, realpath, stat } from "node:fs/promises";
import { sep } from "node:path";

/** An open regular file that lies below the root. Whoever has it closes it. */
export interface OpenFile {
  readonly handle: FileHandle;
  readonly size: number;
  readonly modifiedNs: bigint;
}

export type Found = OpenFile | "folder" | "missing" | "forbidden";

// Without O_NONBLOCK a named pipe would keep a thread of the pool until somebody writes into it.
const flags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOCTTY ?? 0);

/**
 * Opens `file` if it is a regular file that lies below `root`, symbolic links followed. What was opened is compared
 * with what the path leads to inside the root, so a link that is swapped in between gives nothing away.
 */
export async function openBelow(root: string, file: string): Promise<Found> {
  let handle: FileHandle;
  try {
    handle = await open(file, flags);
  } catch (error) {
    return verdictOf(error);
  }
  try {
    const found = await look(root, file, handle);
    if (typeof found === "string") await handle.close();
    return found;
  } catch (error) {
    await handle.close();
    return verdictOf(error);
  }
}

async function look(root: string, file: string, handle: FileHandle): Promise<Found> {
  const [opened, realRoot, real] = await Promise.all([handle.stat({ bigint: true }), realpath(root), realpath(file)]);
  if (real !== realRoot && !real.startsWith(realRoot.endsWith(sep) ? realRoot : realRoot + sep)) return "missing";
  const inside = await stat(real, { bigint: true });
  if (inside.dev !== opened.dev || inside.ino !== opened.ino) return "missing";
  if (opened.isDirectory()) return "folder";
  if (!opened.isFile()) return "missing";
  return { handle, size: Number(opened.size), modifiedNs: opened.mtimeNs };
}

/** @throws what is neither the client's doing nor the folder's: too many open files, a broken disk */
function verdictOf(error: unknown): "missing" | "forbidden" | "folder" {
  switch ((error as NodeJS.ErrnoException).code) {
    case "ENOENT":
    case "ENOTDIR":
    case "ENAMETOOLONG":
    case "ELOOP":
    case "ENXIO":
      return "missing";
    case "EACCES":
    case "EPERM":
      return "forbidden";
    case "EISDIR":
      return "folder";
    default:
      throw error;
  }
}
