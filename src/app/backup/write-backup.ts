import { Buffer } from "node:buffer";
import { existsSync } from "node:fs";
import { open, rename, rm } from "node:fs/promises";
import { hostname } from "node:os";
import { dirname, join } from "node:path";
import { packageVersion } from "#app/version.ts";
import { kekIdsOf } from "#app/seal/key-ring.ts";
import { syncFolder } from "#lib/durable-file.ts";
import { GatewayError } from "#model/errors.ts";
import type { Clock, Random } from "#model/ports.ts";
import { snapshotDatabase } from "#storage/sqlite/snapshot.ts";
import { compressedPathOf, contentsOf } from "./contents.ts";
import { addDefinition } from "./add-definition.ts";
import { type Manifest, manifestName, type ManifestFile, prefix } from "./manifest.ts";
import { createTarWriter, type TarWriter } from "./tar-writer.ts";

export interface BackupOptions {
  readonly dataPath: string;
  /** The file to be made; it must not be there. */
  readonly target: string;
  /** The record is part of it. */
  readonly audit: boolean;
  readonly clock: Pick<Clock, "now">;
  readonly random: Random;
}

const database = "sallyport.db";

/**
 * Everything of a data folder in one file, and the definition that is in force, but the key-encryption key, which it
 * does not need. A gateway may run
 * meanwhile: the database is copied as it is at one moment, other files are replaced as a whole or only grow.
 *
 * @throws GatewayError `store-unavailable`, `store-corrupt`
 */
export async function writeBackup(options: BackupOptions): Promise<Manifest> {
  const { dataPath, target, random } = options;
  if (!existsSync(join(dataPath, database))) {
    throw new GatewayError("store-unavailable", 500, `${dataPath} is no data folder of a gateway: name it with --data`);
  }
  const token = Buffer.from(random.bytes(8)).toString("hex");
  const [archive, snapshot] = [`${target}.${token}.tmp`, `${target}.${token}.db.tmp`];
  try {
    snapshotDatabase(join(dataPath, database), snapshot);
    const manifest = await writeArchive(options, archive, snapshot);
    await rename(archive, target);
    await syncFolder(dirname(target));
    return manifest;
  } finally {
    for (const file of [archive, snapshot]) await rm(file, { force: true });
  }
}

async function writeArchive(options: BackupOptions, archive: string, snapshot: string): Promise<Manifest> {
  const { dataPath, audit, clock } = options;
  const writer = createTarWriter(archive);
  try {
    const files = [await add(writer, database, snapshot)];
    files.push(...(await addAll(writer, dataPath, await contentsOf(dataPath, audit))));
    const definition = await addDefinition(writer, dataPath, clock);
    const manifest: Manifest = {
      format: "sallyport-backup",
      version: 1,
      madeAt: new Date(clock.now()).toISOString(),
      program: packageVersion(),
      node: hostname(),
      keyEncryptionKeys: await kekIdsOf(dataPath),
      audit,
      files: files.filter((file) => file !== null),
      definition,
    };
    await writer.addText(manifestName, `${JSON.stringify(manifest, null, 2)}\n`, new Date(clock.now()));
    await writer.close();
    return manifest;
  } catch (error) {
    await writer.abort(error);
    throw error;
  }
}

/** A segment of the record that was compressed since the folder was listed is taken in its other form. */
export async function addAll(
  writer: TarWriter,
  dataPath: string,
  paths: readonly string[],
): Promise<readonly (ManifestFile | null)[]> {
  const files: (ManifestFile | null)[] = [];
  for (const path of paths) {
    const file = await add(writer, path, join(dataPath, path));
    const compressed = file === null ? compressedPathOf(path) : null;
    if (compressed === null || paths.includes(compressed)) files.push(file);
    else files.push(await add(writer, compressed, join(dataPath, compressed)));
  }
  return files;
}

/** Null when the gateway has taken it away since. */
async function add(writer: TarWriter, path: string, file: string): Promise<ManifestFile | null> {
  const handle = await open(file, "r").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw new GatewayError("store-unavailable", 500, `${file} cannot be read: ${error.code}`);
  });
  if (handle === null) return null;
  try {
    return { path, ...(await writer.add(`${prefix}${path}`, handle, (await handle.stat()).mtime)) };
  } finally {
    await handle.close();
  }
}
