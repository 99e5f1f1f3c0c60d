import { Buffer } from "node:buffer";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { replaceFile } from "#lib/durable-file.ts";
import { sealedBytes, sealedText } from "#lib/sealed-text.ts";
import { GatewayError } from "#model/errors.ts";
import type { Random, Sealer } from "#model/ports.ts";
import { sealedUnder } from "./sealer.ts";

const context = "pepper.key";
const length = 32;

interface PepperOptions {
  readonly sealer: Sealer;
  /** Id of the key that seals. */
  readonly key: string;
  readonly random: Random;
}

/**
 * Key of the subscription-key digests: 32 bytes, made once. One that lies there in the clear, as it did at first, is
 * sealed, and one that is sealed under an older key anew.
 *
 * @throws GatewayError `store-corrupt`, `seal-broken`
 */
export async function openPepper(folder: string, { sealer, key, random }: PepperOptions): Promise<Uint8Array> {
  const file = join(folder, "pepper.key");
  const found = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw error;
  });
  const sealed = found === null ? null : sealedBytes(found.toString("latin1"));
  const known = sealed === null ? found : sealer.open(sealed, context);
  const pepper = known === null ? random.bytes(length) : whole(file, known);
  if (sealed !== null && sealedUnder(sealed) === key) return pepper;
  await replaceFile(file, sealedText(sealer.seal(pepper, context)), 0o600, "seal");
  return pepper;
}

function whole(file: string, pepper: Uint8Array): Uint8Array {
  if (pepper.length === length) return Buffer.from(pepper);
  const message = `${file} is damaged: it must hold ${length} bytes; restore it from a backup`;
  throw new GatewayError("store-corrupt", 500, message);
}
