import { existsSync } from "node:fs";
import { plainFiles, sealedFiles, type SecretFiles } from "#edge/secret-files.ts";
import type { Clock, Log, Random, Sealer } from "#model/ports.ts";
import { openKeyVault } from "#app/key-vault.ts";
import { findKeks } from "./find-keks.ts";
import type { Keks } from "./kek.ts";
import type { KekSource } from "./kek-source.ts";
import { readRing, ringFile } from "./key-ring.ts";
import { openRing } from "./open-ring.ts";
import { openPepper } from "./pepper.ts";
import { sealFiles } from "./seal-files.ts";
import { createSealer } from "./sealer.ts";

/** The secrets of a data folder, open. */
export interface Secrets {
  readonly sealer: Sealer;
  readonly files: SecretFiles;
  /** Key of the subscription-key digests, 32 bytes. */
  readonly pepper: Uint8Array;
}

export interface OpenSecretsOptions {
  readonly kek: KekSource;
  /** A key-encryption key may be made where there is none. */
  readonly mayMake: boolean;
  readonly clock: Pick<Clock, "now">;
  readonly random: Random;
  readonly log: Log;
  /** Seals everything under a new key of the folder. */
  readonly fresh?: boolean;
}

/**
 * For whoever holds the folder's lock. What lies there in the clear, or under an older key, is sealed.
 *
 * @throws GatewayError `seal-key-missing`, `seal-key-refused`, `seal-key-wrong`, `seal-broken`, `store-corrupt`
 */
export async function openSecrets(folder: string, options: OpenSecretsOptions): Promise<Secrets> {
  const { clock, random, log, fresh = false } = options;
  // A fresh key would open nothing of a folder that has sealed before.
  const mayMake = options.mayMake && !existsSync(ringFile(folder));
  const keks = await keksOf(folder, { ...options, mayMake });
  const ring = await openRing(folder, { keks, now: clock.now(), random, log, fresh });
  const sealer = createSealer(ring.keys, random);
  const files = sealedFiles(folder, sealer, random);
  const pepper = await openPepper(folder, { sealer, key: ring.keys[0].id, random });
  const sealed = await sealFiles(folder, files, ring.keys[0].id, clock.now());
  if (sealed.length > 0) log.info("sealed secrets of the data folder", { files: sealed.length });
  return { sealer, files, pepper };
}

/**
 * For commands beside a gateway, which may run: changes nothing.
 *
 * @throws GatewayError as {@link openSecrets}
 */
export async function readSecrets(folder: string, kek: KekSource, random: Random): Promise<SecretFiles> {
  // A folder that nothing was ever sealed in: the gateway seals at its next start what is written until then.
  if (!existsSync(ringFile(folder))) return plainFiles(random);
  const ring = await readRing(folder, await keksOf(folder, { kek, mayMake: false, random }), random);
  return ring === null ? plainFiles(random) : sealedFiles(folder, createSealer(ring.keys, random), random);
}

type KeksOptions = Pick<OpenSecretsOptions, "kek" | "mayMake" | "random"> & { readonly log?: Log };

/** @throws GatewayError `seal-key-missing`, `seal-key-refused` */
export function keksOf(dataPath: string, { kek, mayMake, random, log }: KeksOptions): Promise<Keks> {
  const onMade = (file: string): void =>
    log?.info("made a key-encryption key: keep a copy of it apart from the data folder", { file });
  return findKeks(kek, { dataPath, vault: openKeyVault(process.env), mayMake, onMade, random });
}
