import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type LogKey, readLogKey } from "#audit/merkle/log-key.ts";

/** In the folder of the record: the public keys of its checkpoints, one a line, the one in use first. */
export const logKeyFile = "log-key.pub";

/** Those that a text names; undefined when a line of it is no key. Empty lines and such that begin with `#` are left out. */
export function readLogKeys(text: string): readonly LogKey[] | undefined {
  const lines = text.split("\n").filter((line) => line.trim() !== "" && !line.startsWith("#"));
  const keys = lines.map(readLogKey);
  return keys.every((key) => key !== undefined) ? keys : undefined;
}

/** The text of the folder's own file; undefined when there is none. */
export async function ownLogKeys(directory: string): Promise<string | undefined> {
  return readFile(join(directory, logKeyFile), "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
}
