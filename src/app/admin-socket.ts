import { join, relative } from "node:path";
import { GatewayError } from "#model/errors.ts";
import { freeSocketPath } from "./free-socket-path.ts";

/** What `sun_path` holds on the system with the least room (macOS: 104 with its final NUL). */
const maxPath = 103;

/** Path of the admin API's socket in a data folder, in the shorter of its spellings: their length is bounded. */
export function adminSocketPath(dataPath: string): string {
  const absolute = join(dataPath, "admin.sock");
  const near = relative(process.cwd(), absolute);
  return near !== "" && near.length < absolute.length ? near : absolute;
}

/**
 * Takes away the socket that a killed gateway left. The lock of the data folder does not do for that: a listener of an
 * API may have been put at this very path, and what listens is never taken away.
 *
 * @throws GatewayError `store-unavailable` for a path that no socket can have, or where somebody listens or something
 *   else stands
 */
export async function clearSocketPath(path: string): Promise<void> {
  if (Buffer.byteLength(path) > maxPath) {
    throw unusable(
      `the path of the admin socket is longer than ${maxPath} bytes: ${path}; take a shorter data folder, or write admin: { socket: false }`,
    );
  }
  const obstacle = await freeSocketPath(path);
  if (obstacle !== null) throw unusable(`the admin socket cannot be at ${path}: ${obstacle}`);
}

function unusable(message: string): GatewayError {
  return new GatewayError("store-unavailable", 500, message);
}
