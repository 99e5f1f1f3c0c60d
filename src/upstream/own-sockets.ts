import { realpathSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { GatewayError } from "#model/errors.ts";

/**
 * The socket of an admin API knows its callers by the user that they run as, and this process is that user: so no
 * gateway's is a destination, whatever the way to it is called.
 *
 * @param own paths of this gateway's sockets, where a request would come back as its own client
 * @throws GatewayError `egress-refused`
 */
export function checkSocket(path: string, own: readonly string[]): void {
  const real = realPathOf(path);
  if (basename(real) === "admin.sock") throw refused("it is the admin API");
  if (own.some((mine) => realPathOf(mine) === real || isSameFile(mine, path))) {
    throw refused("it is a listener of this gateway");
  }
}

function realPathOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    // It may come later; its folder may be there already.
    return join(realFolderOf(dirname(resolve(path))), basename(path));
  }
}

function realFolderOf(folder: string): string {
  try {
    return realpathSync(folder);
  } catch {
    return folder;
  }
}

/** Hard links and mounts have several names, and one inode. */
function isSameFile(left: string, right: string): boolean {
  const [one, other] = [left, right].map((path) => statSync(path, { bigint: true, throwIfNoEntry: false }));
  return one !== undefined && other !== undefined && one.ino === other.ino && one.dev === other.dev;
}

function refused(why: string): GatewayError {
  return new GatewayError("egress-refused", 502, `the destination is refused: ${why}`);
}
