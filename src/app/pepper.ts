import { Buffer } from "node:buffer";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { replaceFile } from "#lib/durable-file.ts";
import { sealedBytes, sealedText } from "#lib/sealed-text.ts";
import { GatewayError } from "#model/errors.ts";
import type { Random, Sealer } from "#model/ports.ts";

const context = "pepper.key";
const length = 32;

/**
 * Key of the subscription-key digests: 32 bytes, made once. One that lies there in the clear, as it did at first, is
 * sealed.
 *
 * @throws GatewayError `store-corrupt`, `seal-broken`
 */
export async function openPepper(folder: string, sealer: Sealer, random: Random): Promise<Uint8Array> {
  const file = join(folder, "pepper.key");
  const found = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw error;
  });
  const sealed = found === null ? null : sealedBytes(found.toString("latin1"));
  if (sealed !== null) return whole(file, sealer.open(sealed, context));
  const pepper = found === null ? random.bytes(length) : whole(file, found);
  await replaceFile(file, sealedText(sealer.seal(pepper, context)), 0o600, "seal");
  return pepper;
}

function whole(file: string, pepper: Uint8Array): Uint8Array {
  if (pepper.length === length) return Buffer.from(pepper);
  const message = `${file} is damaged: it must hold ${length} bytes; restore it from a backup`;
  throw new GatewayError("store-corrupt", 500, message);
}
