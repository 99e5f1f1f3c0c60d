import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { sealedBytes } from "#lib/sealed-text.ts";
import { GatewayError } from "#model/errors.ts";
import type { Log, Random } from "#model/ports.ts";
import type { Keks } from "./kek.ts";
import { freshKey, type KeyRing, makeRing, readRing, ringFile, writeRing } from "./key-ring.ts";

export interface OpenRingOptions {
  readonly keks: Keks;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly random: Random;
  readonly log: Log;
  /** Another key, whatever the age of the newest. */
  readonly fresh?: boolean;
}

/** A key that has sealed for so long gets a successor, and opens what it has sealed. */
const keyLifeMs = 365 * 86_400_000;

/**
 * For whoever holds the folder's lock: makes what is missing, adds a key when the newest is old, and seals the keys under
 * the newest key-encryption key.
 *
 * @throws GatewayError `seal-key-wrong`, `store-corrupt`
 */
export async function openRing(folder: string, options: OpenRingOptions): Promise<KeyRing> {
  const { keks, now, random, log, fresh = false } = options;
  const found = await readRing(folder, keks, random);
  if (found === null) return firstRing(folder, options);
  const isOld = fresh || now - found.keys[0].madeAt > keyLifeMs;
  if (found.isCurrent && !isOld) return found;
  const keys: KeyRing["keys"] = isOld ? [freshKey(now, random), ...found.keys] : found.keys;
  await writeRing(folder, keys, keks, random);
  log.info("wrote the data folder's own keys anew", { newKey: isOld, keyEncryptionKey: keks.keys[0].id });
  return { keys, isCurrent: true };
}

/** New keys in the place of lost ones would open nothing, and hide what is missing. */
async function firstRing(folder: string, { keks, now, random }: OpenRingOptions): Promise<KeyRing> {
  const pepper = await readFile(join(folder, "pepper.key"), "latin1").catch(() => "");
  if (sealedBytes(pepper) === null) return makeRing(folder, keks, now, random);
  const message = `${ringFile(folder)} is missing, and the secrets in ${folder} open with it only: restore it from a backup`;
  throw new GatewayError("store-corrupt", 500, message, { source: "store" });
}
