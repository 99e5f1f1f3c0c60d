import { closeSync, constants, fdatasyncSync, fsyncSync, openSync, rmSync, writeSync } from "node:fs";
import type { Buffer } from "node:buffer";

/** The calls that can fail while the gateway runs (disk full, disk gone). All are synchronous; all throw. */
export interface Disk {
  /** Makes a file that must not exist yet, for appending. */
  create(path: string): number;
  /** Opens a file for appending. */
  open(path: string): number;
  /** Returns how many bytes were taken, which may be fewer than asked. */
  write(file: number, bytes: Buffer, offset: number): number;
  sync(file: number): void;
  /** Makes a new name in the folder survive a power cut. */
  syncFolder(path: string): void;
  close(file: number): void;
  /** A file that is not there is none too many. */
  remove(path: string): void;
}

/** Owner only; a link in the place of the file is not followed: it could point the record elsewhere. */
const flags = constants.O_WRONLY | constants.O_APPEND | (constants.O_NOFOLLOW ?? 0);

export const realDisk: Disk = {
  create: (path) => openSync(path, flags | constants.O_CREAT | constants.O_EXCL, 0o600),
  open: (path) => openSync(path, flags),
  write: (file, bytes, offset) => writeSync(file, bytes, offset, bytes.length - offset),
  sync: (file) => fdatasyncSync(file),
  syncFolder,
  close: (file) => closeSync(file),
  remove: (path) => rmSync(path, { force: true }),
};

function syncFolder(path: string): void {
  // Windows cannot open a folder; its file systems journal names by themselves.
  if (process.platform === "win32") return;
  const folder = openSync(path, constants.O_RDONLY);
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
