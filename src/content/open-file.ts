import { Buffer } from "node:buffer";
import { type BigIntStats, constants, readlinkSync } from "node:fs";
import { type FileHandle, open, realpath, stat } from "node:fs/promises";
import type { RootFolder } from "./root-folder.ts";

/** A regular file that lies below the root. Whoever has it closes it. */
export interface OpenFile {
  /** Small files come whole, and are closed already. */
  readonly content: FileHandle | Uint8Array;
  readonly size: number;
  readonly modifiedNs: bigint;
}

/** Up to here a file is read at once: one that is asked for often is kept for a moment. */
export const smallBytes: number = 64 * 1024;

export async function closeFile({ content }: OpenFile): Promise<void> {
  if (!(content instanceof Uint8Array)) await content.close();
}

export type Found = OpenFile | "folder" | "missing" | "forbidden";

// Without O_NONBLOCK a named pipe would keep a thread of the pool until somebody writes into it.
const flags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOCTTY ?? 0);

/**
 * Opens `file` if it is a regular file that lies below the root, symbolic links followed. What counts is where the
 * file that was opened lies, so a link that is swapped in between gives nothing away.
 */
export async function openBelow(root: RootFolder, file: string): Promise<Found> {
  let handle: FileHandle;
  try {
    handle = await open(file, flags);
  } catch (error) {
    return verdictOf(error);
  }
  try {
    const found = await look(root, file, handle);
    // Closing frees a number and gives no answer that anybody waits for.
    if (typeof found === "string" || found.content !== handle) void handle.close().catch(() => {});
    return found;
  } catch (error) {
    await handle.close();
    return verdictOf(error);
  }
}

async function look(root: RootFolder, file: string, handle: FileHandle): Promise<Found> {
  const opened = await handle.stat({ bigint: true });
  const place = placeOf(handle.fd) ?? (await placeByName(file, opened));
  if (place === undefined || !(await root.holds(place))) return "missing";
  if (opened.isDirectory()) return "folder";
  if (!opened.isFile()) return "missing";
  const size = Number(opened.size);
  const whole = size > smallBytes ? undefined : await readWhole(handle, opened);
  return { content: whole ?? handle, size, modifiedNs: opened.mtimeNs };
}

/** @returns undefined when it was written to meanwhile: the bytes would be those of two states */
async function readWhole(handle: FileHandle, opened: BigIntStats): Promise<Uint8Array | undefined> {
  const buffer = Buffer.allocUnsafeSlow(Number(opened.size));
  const { bytesRead } = await handle.read(buffer, 0, buffer.length, 0);
  const now = await handle.stat({ bigint: true });
  const same = now.mtimeNs === opened.mtimeNs && now.size === opened.size && bytesRead === buffer.length;
  return same ? buffer : undefined;
}

/** Linux says it of the descriptor itself. Synchronous, as the answer is in the kernel's memory and on no disk. */
export function placeOf(descriptor: number): string | undefined {
  if (process.platform !== "linux") return undefined;
  try {
    return readlinkSync(`/proc/self/fd/${descriptor}`);
  } catch {
    return undefined;
  }
}

/** Elsewhere: where the name leads, if that is the file that was opened. */
async function placeByName(file: string, opened: BigIntStats): Promise<string | undefined> {
  const place = await realpath(file);
  const there = await stat(place, { bigint: true });
  return there.dev === opened.dev && there.ino === opened.ino ? place : undefined;
}

/** @throws what is neither the client's doing nor the folder's: too many open files, a broken disk */
export function verdictOf(error: unknown): "missing" | "forbidden" | "folder" {
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
