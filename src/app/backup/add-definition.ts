import { createHash } from "node:crypto";
import { join } from "node:path";
import { readNewest } from "#admin/configuration/read-newest.ts";
import type { Clock } from "#model/ports.ts";
import { definitionPrefix, isSafePath, type ManifestDefinition, type ManifestFile } from "./manifest.ts";
import type { TarWriter } from "./tar-writer.ts";

/** Puts the texts of the configuration in force into a backup, under the names that they have beside the definition. */
export async function addDefinition(
  writer: TarWriter,
  dataPath: string,
  clock: Pick<Clock, "now">,
): Promise<ManifestDefinition | null> {
  const newest = await readNewest(join(dataPath, "config"));
  // A definition that is a hidden file is put nowhere by a restore: then its documents are of no use either.
  if (newest === null || !isSafePath(newest.entry.files[0]?.name ?? "")) return null;
  const files: ManifestFile[] = [];
  for (const [path, text] of newest.bundle.files) {
    if (!isSafePath(path)) continue;
    await writer.addText(`${definitionPrefix}${path}`, text, new Date(clock.now()));
    files.push({ path, size: Buffer.byteLength(text), sha256: createHash("sha256").update(text).digest("hex") });
  }
  const { environment, configHash, files: named } = newest.entry;
  return { file: named[0]?.name ?? "", environment, configHash, files };
}
