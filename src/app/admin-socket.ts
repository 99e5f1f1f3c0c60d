import { lstat, unlink } from "node:fs/promises";
import { join, relative } from "node:path";
import { GatewayError } from "#model/errors.ts";

/** What `sun_path` holds on the system with the least room (macOS: 104 with its final NUL). */
const maxPath = 103;

/** Path of the admin API's socket in a data folder, in the shorter of its spellings: their length is bounded. */
export function adminSocketPath(dataPath: string): string {
  const absolute = join(dataPath, "admin.sock");
  const near = relative(process.cwd(), absolute);
  return near !== "" && near.length < absolute.length ? near : absolute;
}

/**
 * Takes away the socket that a killed gateway left. Only while the data folder is locked: then nobody listens on it.
 *
 * @throws GatewayError `store-unavailable` for a path that no socket can have, or where something else stands
 */
export async function clearSocketPath(path: string): Promise<void> {
  if (Buffer.byteLength(path) > maxPath) {
    throw unusable(
      `the path of the admin socket is longer than ${maxPath} bytes: ${path}; take a shorter data folder, or write admin: { socket: false }`,
    );
  }
  const found = await lstat(path).catch(() => undefined);
  if (found === undefined) return;
  if (!found.isSocket()) throw unusable(`${path} is in the way of the admin socket, and is no socket`);
  await unlink(path);
}

function unusable(message: string): GatewayError {
  return new GatewayError("store-unavailable", 500, message);
}
