import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { sealedBytes } from "#lib/sealed-text.ts";
import { GatewayError } from "#model/errors.ts";
import type { Log, Random, Sealer } from "#model/ports.ts";
import type { Keks } from "./kek.ts";
import { type KeyRing, makeRing, readRing, ringFile, writeRing } from "./key-ring.ts";
import { createSealer } from "./sealer.ts";

interface OpenSealerOptions {
  readonly keks: Keks;
  readonly random: Random;
  readonly log: Log;
}

/**
 * For the gateway, which holds the folder's lock: makes what is missing, and seals the folder's keys under the newest
 * key-encryption key when they are sealed under an older one.
 *
 * @throws GatewayError `seal-key-wrong`, `store-corrupt`
 */
export async function openSealer(folder: string, { keks, random, log }: OpenSealerOptions): Promise<Sealer> {
  const ring = (await readRing(folder, keks, random)) ?? (await firstRing(folder, keks, random));
  if (!ring.isCurrent) {
    await writeRing(folder, ring.keys, keks, random);
    log.info("the data folder's keys are sealed under another key-encryption key now", { key: keks.keys[0].id });
  }
  return createSealer(ring.keys, random);
}

/** New keys in the place of lost ones would open nothing, and hide what is missing. */
async function firstRing(folder: string, keks: Keks, random: Random): Promise<KeyRing> {
  const pepper = await readFile(join(folder, "pepper.key"), "latin1").catch(() => "");
  if (sealedBytes(pepper) === null) return makeRing(folder, keks, random);
  const message = `${ringFile(folder)} is missing, and the secrets in ${folder} open with it only: restore it from a backup`;
  throw new GatewayError("store-corrupt", 500, message, { source: "store" });
}
