import { existsSync, mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { GatewayError } from "#model/errors.ts";
import { finishRestore } from "./backup/put-in-place.ts";

export const searchIndexFile = "search.db";

/** Everything a gateway keeps on disk, in one folder that belongs to it alone. */
export interface DataDirectory {
  readonly path: string;
  readonly auditPath: string;
  readonly caPath: string;
  /** Accounts and orders of the ACME servers. */
  readonly acmeServerPath: string;
  readonly storePath: string;
  readonly analyticsPath: string;
  /** Of the record, to search it; can be made again. */
  readonly indexPath: string;
  /** How far the sinks of the record have come. */
  readonly sinksPath: string;
  /** Log files, when there are any. */
  readonly logsPath: string;
  /** Gives the folder free. */
  unlock(): void;
}

/**
 * Opens and locks the data folder, making what is missing. The lock is one the system drops when the process
 * dies, however it dies, so there is no stale lock to clean up.
 *
 * @throws GatewayError `data-locked` when another gateway has it, `store-unavailable` when it cannot be written.
 */
export function openDataDirectory(path: string): DataDirectory {
  const auditPath = join(path, "audit");
  const caPath = join(path, "ca");
  const acmeServerPath = join(path, "acme-server");
  const unlock = lockDataDirectory(path);
  makeFolders(path, [auditPath, caPath]);
  return {
    path,
    auditPath,
    caPath,
    acmeServerPath,
    storePath: join(path, "sallyport.db"),
    analyticsPath: join(path, "analytics.db"),
    indexPath: join(path, searchIndexFile),
    sinksPath: join(path, "sinks"),
    logsPath: join(path, "logs"),
    unlock,
  };
}

/**
 * As {@link openDataDirectory}, and makes nothing in it. A restore that was cut off is carried to its end.
 *
 * @returns gives the folder free
 */
export function lockDataDirectory(path: string): () => void {
  makeFolders(path, [path]);
  const unlock = lock(path);
  try {
    finishRestore(path);
    return unlock;
  } catch (cause) {
    unlock();
    throw new GatewayError("store-unavailable", 500, `a restore of ${path} cannot be brought to its end`, { cause });
  }
}

/** For commands that write many files: what root writes the gateway could not read. @throws GatewayError `store-unavailable` */
export function checkOwner(path: string): void {
  const uid = process.getuid?.();
  if (uid === undefined || !existsSync(path) || statSync(path).uid === uid) return;
  const message = `the data folder ${path} is another user's: run this as that user`;
  throw new GatewayError("store-unavailable", 500, message);
}

function makeFolders(path: string, folders: readonly string[]): void {
  try {
    for (const folder of folders) mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new GatewayError("store-unavailable", 500, `the data folder ${path} cannot be written`, { cause });
  }
}

function lock(path: string): () => void {
  const file = join(path, "lock");
  const database = new DatabaseSync(file);
  try {
    database.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE");
  } catch (cause) {
    database.close();
    throw new GatewayError("data-locked", 500, `another gateway uses the data folder ${path}`, { cause });
  }
  return () => {
    database.close();
  };
}
