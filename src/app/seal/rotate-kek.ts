import { chown, readFile, realpath, stat } from "node:fs/promises";
import { replaceFile } from "#lib/durable-file.ts";
import type { Random } from "#model/ports.ts";
import { kekLine, mostKeys, readKeks, refused } from "./kek.ts";
import type { KekSource } from "./kek-source.ts";

/**
 * Puts a new key before the others, where the place is a file of ours. Both open from then on.
 *
 * @returns the file; null: the place belongs to another system, where the operator puts the new key
 * @throws GatewayError `seal-key-refused`
 */
export async function addKek(source: KekSource, random: Random): Promise<string | null> {
  if ((source.kind !== "file" && source.kind !== "default") || source.path === null) return null;
  // A link stays one.
  const file = await realpath(source.path);
  const before = await readFile(file, "utf8");
  if (readKeks(before, `file ${file}`).keys.length >= mostKeys) {
    throw refused(`file ${file}`, `it holds ${mostKeys} keys already: take out those that no data folder needs`);
  }
  const { mode, uid, gid } = await stat(file);
  await replaceFile(file, `${kekLine(random.bytes(32))}${before}`, mode & 0o777, "kek");
  if (process.platform !== "win32") await chown(file, uid, gid).catch(() => {});
  return file;
}
