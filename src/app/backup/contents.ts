import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { cosignaturesFile } from "#audit/read/cosignatures.ts";
import { readSegmentName, segmentName } from "#audit/segment-name.ts";

/** What belongs to the process that runs, is on its way, or can be derived again; dot files are ours while we work. */
const leftOut =
  /^(\..*|lock|lock-.*|lock\.\d+|.*\.tmp|admin\.sock|(sallyport|search|analytics)\.db(-.*)?|analytics\.db\.damaged.*)$/;
const leftOutFolders: ReadonlySet<string> = new Set(["requests"]);

/**
 * Files of a data folder that a backup holds as they are, by path with `/`, in the order to be read in: a certificate
 * before its key, since keys are written first, and what all is sealed under last, since it only grows.
 */
export async function contentsOf(dataPath: string, audit: boolean): Promise<readonly string[]> {
  const found = await filesBelow(dataPath, "", audit);
  return found.toSorted((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
}

const auditFolder = "audit/";

/** What a segment of the record is called once it is compressed; null for what is none, or is it already. */
export function compressedPathOf(path: string): string | null {
  const segment = path.startsWith(auditFolder) ? readSegmentName(path.slice(auditFolder.length)) : undefined;
  return segment?.form === "text" ? `${auditFolder}${segmentName(segment.number, "zstd")}` : null;
}

function rank(path: string): number {
  // What it speaks of is in a record that is read after it: else the record would look cut off.
  if (path === `${auditFolder}${cosignaturesFile}`) return -1;
  if (path === "seal.json") return 2;
  return path.endsWith(".key") ? 1 : 0;
}

async function filesBelow(dataPath: string, folder: string, audit: boolean): Promise<readonly string[]> {
  const entries = await readdir(join(dataPath, folder), { withFileTypes: true });
  const found: string[] = [];
  for (const entry of entries) {
    const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
    if (leftOut.test(entry.name) || (path === "audit" && !audit)) continue;
    if (entry.isFile()) found.push(path);
    else if (entry.isDirectory() && !leftOutFolders.has(path)) found.push(...(await filesBelow(dataPath, path, audit)));
  }
  return found;
}
