import { existsSync } from "node:fs";
import { checkOwner, openDataDirectory } from "#app/data-directory.ts";
import { GatewayError } from "#model/errors.ts";
import type { Clock, Log, Random } from "#model/ports.ts";
import type { KekSource } from "./kek-source.ts";
import { readRing, ringFile } from "./key-ring.ts";
import { keksOf, openSecrets } from "./open-secrets.ts";
import { addKek } from "./rotate-kek.ts";

export interface SealStatus {
  /** Where the key-encryption key is, and the names of those there, the newest first. */
  readonly from: string;
  readonly keyEncryptionKeys: readonly string[];
  /** The folder's own keys, the newest first. */
  readonly keys: readonly { readonly id: string; readonly madeAt: string }[];
  /** All of them are sealed under the newest key-encryption key. */
  readonly current: boolean;
}

/** @throws GatewayError `seal-key-missing`, `seal-key-refused`, `seal-key-wrong`, `store-corrupt`, `store-unavailable` */
export async function sealStatus(folder: string, kek: KekSource, random: Random): Promise<SealStatus> {
  const keks = await keksOf(folder, { kek, mayMake: false, random });
  const ring = await readRing(folder, keks, random);
  if (ring === null) throw unsealed(folder);
  return {
    from: keks.from,
    keyEncryptionKeys: keks.keys.map(({ id }) => id),
    keys: ring.keys.map(({ id, madeAt }) => ({ id, madeAt: new Date(madeAt).toISOString() })),
    current: ring.isCurrent,
  };
}

interface RotateOptions {
  readonly kek: KekSource;
  readonly clock: Pick<Clock, "now">;
  readonly random: Random;
  readonly log: Log;
}

/**
 * Seals all of a stopped gateway's folder under new keys. A crash leaves a folder that opens with the keys of before.
 *
 * @returns the file that a new key-encryption key was put in; null when that is not ours
 * @throws GatewayError `data-locked` while a gateway runs, and as {@link sealStatus}
 */
export async function rotateSeal(folder: string, { kek, ...ports }: RotateOptions): Promise<string | null> {
  if (!existsSync(ringFile(folder))) throw unsealed(folder);
  checkOwner(folder);
  const data = openDataDirectory(folder);
  try {
    // Proven before it gets a neighbour.
    await sealStatus(folder, kek, ports.random);
    const file = await addKek(kek, ports.random);
    await openSecrets(folder, { kek, mayMake: false, fresh: true, ...ports });
    return file;
  } finally {
    data.unlock();
  }
}

function unsealed(folder: string): GatewayError {
  const message = `there is no ${ringFile(folder)}: nothing was sealed there; name the gateway's data folder with --data`;
  return new GatewayError("store-unavailable", 500, message);
}
