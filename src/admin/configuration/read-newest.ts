import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Bundle } from "./bundle.ts";
import { type HistoryEntry, parseEntry, readTexts } from "./history.ts";

/** A gateway may change its configuration, and remove old ones, while somebody reads. */
const tries = 5;

/**
 * The configuration in force, from the folder of a history that a gateway may be writing; null: there is none.
 * @throws GatewayError `store-corrupt`
 */
export async function readNewest(
  folder: string,
): Promise<{ readonly entry: HistoryEntry; readonly bundle: Bundle } | null> {
  for (let left = tries; ; left -= 1) {
    const entry = await newestEntry(join(folder, "history"));
    if (entry === undefined) return null;
    try {
      return { entry, bundle: await readTexts(join(folder, "texts"), entry) };
    } catch (error) {
      if (left === 1) throw error;
    }
  }
}

async function newestEntry(folder: string): Promise<HistoryEntry | undefined> {
  const names = await readdir(folder).catch(() => []);
  for (const name of names
    .filter((one) => /^\d{8}\.json$/.test(one))
    .toSorted()
    .toReversed()) {
    const entry = parseEntry(await readFile(join(folder, name), "utf8").catch(() => ""));
    if (entry !== undefined) return entry;
  }
  return undefined;
}
