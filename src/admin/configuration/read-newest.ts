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

/** A past configuration with its texts; null: it is not kept any more. */
export async function readPast(
  folder: string,
  id: number,
): Promise<{ readonly entry: HistoryEntry; readonly bundle: Bundle } | null> {
  const name = `${String(id).padStart(8, "0")}.json`;
  const entry = parseEntry(await readFile(join(folder, "history", name), "utf8").catch(() => ""));
  if (entry === undefined) return null;
  return await readTexts(join(folder, "texts"), entry).then(
    (bundle) => ({ entry, bundle }),
    () => null,
  );
}

/** Numbers of the entries, the oldest first. */
export async function entryNumbers(folder: string): Promise<readonly number[]> {
  const names = await readdir(join(folder, "history")).catch(() => []);
  return names
    .flatMap((name) => (/^\d{8}\.json$/.test(name) ? [Number(name.slice(0, 8))] : []))
    .toSorted((a, b) => a - b);
}
