import { existsSync } from "node:fs";
import { join } from "node:path";
import { checkOwner, lockDataDirectory } from "#app/data-directory.ts";
import type { KekSource } from "#app/seal/kek-source.ts";
import { readRing } from "#app/seal/key-ring.ts";
import { keksOf } from "#app/seal/open-secrets.ts";
import { verifyAudit } from "#audit/read/verify.ts";
import { GatewayError } from "#model/errors.ts";
import type { Clock, Random } from "#model/ports.ts";
import { checkDatabase, dropSessions } from "#storage/sqlite/snapshot.ts";
import type { Manifest } from "./manifest.ts";
import { type PlacedDefinition, checkPlace, placeDefinition } from "./place-definition.ts";
import { clearStaging, contentOf, dropStaging, putInPlace, stagedDefinition, stagedFolder } from "./put-in-place.ts";
import { unpackBackup } from "./unpack.ts";

export interface RestoreOptions {
  readonly file: string;
  /** Made when absent. */
  readonly dataPath: string;
  /** Folder that the definition is put into as well; null: nowhere. */
  readonly definitionPath: string | null;
  readonly kek: KekSource;
  /** What is there is put aside; else there must be nothing. */
  readonly force: boolean;
  readonly clock: Pick<Clock, "now">;
  readonly random: Random;
}

export interface Restored {
  readonly manifest: Manifest;
  /** Where what was there before is now; null: there was nothing. */
  readonly aside: string | null;
  /** Whether its secrets open with the key-encryption key at hand; `unknown`: there is none at hand. */
  readonly key: "fits" | "unknown";
  /** Null: it was put nowhere. */
  readonly placed: PlacedDefinition | null;
  /** The chain of its record is whole; null: it has none. */
  readonly auditOk: boolean | null;
}

/**
 * Puts a backup into a folder that no gateway runs with, after all of it was verified: before that nothing is replaced.
 *
 * @throws GatewayError `backup-damaged`, `data-not-empty`, `restore-differs`, `data-locked`, `seal-key-wrong`, `seal-key-refused`, `store-corrupt`,
 *   `store-unavailable` when the folder is another user's
 */
export async function restoreBackup(options: RestoreOptions): Promise<Restored> {
  const { file, dataPath, force, clock } = options;
  checkOwner(dataPath);
  const unlock = lockDataDirectory(dataPath);
  try {
    if (!force && (await contentOf(dataPath)).length > 0) {
      throw new GatewayError("data-not-empty", 500, `there is something in ${dataPath}`);
    }
    await clearStaging(dataPath);
    const time = new Date(clock.now()).toISOString().replaceAll(/[:.]/g, "-");
    const suffix = `.before-restore-${time}`;
    const verified = await verifiedAndPlaced(file, options, suffix).catch((error: unknown) => {
      dropStaging(dataPath);
      throw error;
    });
    return { ...verified, aside: await putInPlace(dataPath, suffix) };
  } finally {
    unlock();
  }
}

async function verifiedAndPlaced(
  file: string,
  options: RestoreOptions,
  suffix: string,
): Promise<Omit<Restored, "aside">> {
  const verified = await unpackVerified(file, options);
  return { ...verified, placed: await definitionPlaced(verified.manifest, options, suffix) };
}

/** Before the data: with a definition in its place and no data there is nothing that would serve. */
async function definitionPlaced(
  manifest: Manifest,
  { dataPath, definitionPath, force }: RestoreOptions,
  suffix: string,
): Promise<PlacedDefinition | null> {
  if (definitionPath === null) return null;
  if (manifest.definition === null) throw new GatewayError("backup-damaged", 500, "it holds no definition");
  const place = { from: stagedDefinition(dataPath), to: definitionPath };
  if (!force) await checkPlace(manifest.definition, place);
  return placeDefinition(manifest.definition, place, suffix);
}

async function unpackVerified(file: string, options: RestoreOptions): Promise<Omit<Restored, "aside" | "placed">> {
  const folder = stagedFolder(options.dataPath);
  const manifest = await unpackBackup(file, { data: folder, definition: stagedDefinition(options.dataPath) });
  checkDatabase(join(folder, "sallyport.db"));
  dropSessions(join(folder, "sallyport.db"));
  const key = await keyOf(folder, manifest, options);
  const auditOk = existsSync(join(folder, "audit")) ? (await verifyAudit(join(folder, "audit"))).ok : null;
  return { manifest, key, auditOk };
}

/** A wrong key is an error; none at hand is not, since the machine that restores need not be the one that runs. */
async function keyOf(folder: string, manifest: Manifest, options: RestoreOptions): Promise<Restored["key"]> {
  if (manifest.keyEncryptionKeys.length === 0) return "fits";
  try {
    const { kek, random, dataPath } = options;
    await readRing(folder, await keksOf(dataPath, { kek, mayMake: false, random }), random);
    return "fits";
  } catch (error) {
    const isAbsent = error instanceof GatewayError && error.code === "seal-key-missing";
    if (isAbsent && options.kek.kind === "default") return "unknown";
    throw error;
  }
}
