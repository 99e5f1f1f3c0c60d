import { Buffer } from "node:buffer";
import { join } from "node:path";
import { makeDirectory, readText } from "#edge/ca-files.ts";
import { lockFolder } from "#edge/managed/name-lock.ts";
import { plainFiles, sealedFiles, type SecretFiles } from "#edge/secret-files.ts";
import { createFile, replaceFile } from "#lib/durable-file.ts";
import { sealedBytes, sealedText } from "#lib/sealed-text.ts";
import { GatewayError } from "#model/errors.ts";
import type { Log, Random, Sealer } from "#model/ports.ts";
import type { Secret } from "#model/secret.ts";
import { readKeks } from "./kek.ts";
import { keyOf, namesBelow } from "./seal-files.ts";
import { createSealer, sealedUnder } from "./sealer.ts";

interface SharedStorageOptions {
  readonly random: Random;
  readonly log: Log;
}

/** Sealed under the storage's key: it shows whether a gateway has the same one, before it orders or overwrites. */
const markName = "seal.txt";

/**
 * The secret files of a certificate storage that several gateways share, sealed under the key that they have in common.
 * What lies there in the clear, or under an older key, is sealed anew.
 *
 * @param key null: they have none, and it is not sealed
 * @throws GatewayError `seal-key-missing`, `seal-key-wrong` when the storage is sealed and does not open, `seal-key-refused`
 */
export async function openSharedStorage(
  storage: string,
  key: Secret | null,
  { random, log }: SharedStorageOptions,
): Promise<SecretFiles> {
  if (key === null) {
    if ((await readText(join(storage, markName))) === null) return plainFiles(random);
    const message = `the certificate storage ${storage} is sealed: say under which key (edge.acme.storageKey)`;
    throw new GatewayError("seal-key-missing", 500, message);
  }
  const { keys } = readKeks(key.reveal(), key.origin);
  const known = new Set(keys.map(({ id }) => id));
  const sealer = guarded(createSealer(keys, random), known, storage);
  await makeDirectory(storage);
  await openMark(join(storage, markName), sealer, { newest: keys[0].id, random });
  const files = sealedFiles(storage, sealer, random);
  const sealed = await sealStorage(storage, files, keys[0].id);
  if (sealed > 0) log.info("sealed secrets of the certificate storage", { storage, files: sealed });
  return files;
}

/** With another key than the others, a gateway would take their certificates for damaged, and order its own. */
function guarded(sealer: Sealer, known: ReadonlySet<string>, storage: string): Sealer {
  return {
    seal: (plain, context) => sealer.seal(plain, context),
    open: (sealed, context) => {
      const under = sealedUnder(sealed);
      if (under !== null && !known.has(under)) throw wrong(storage, under);
      return sealer.open(sealed, context);
    },
  };
}

async function openMark(
  file: string,
  sealer: Sealer,
  { newest, random }: { readonly newest: string; readonly random: Random },
): Promise<void> {
  const text = sealedText(sealer.seal(Buffer.from("sallyport"), markName));
  const token = Buffer.from(random.bytes(8)).toString("hex");
  const isNew = (await readText(file)) === null && (await createFile(file, text, 0o600, token));
  if (isNew) return;
  const found = sealedBytes((await readText(file)) ?? "");
  if (found === null) throw new GatewayError("store-corrupt", 500, `${file} is damaged`, { source: "store" });
  sealer.open(found, markName);
  if (sealedUnder(found) !== newest) await replaceFile(file, text, 0o600, token);
}

/** Under each name's lock: another gateway may be putting a certificate there. What is being ordered is left to it. */
async function sealStorage(storage: string, files: SecretFiles, newest: string): Promise<number> {
  let count = 0;
  const seal = async (file: string): Promise<void> => {
    const text = (await keyOf(file)) === newest ? null : await files.read(file);
    if (text === null) return;
    await files.write(file, text);
    count += 1;
  };
  for (const file of await namesBelow(storage, { folder: ["accounts"], name: /\.json$/ })) await seal(file);
  for (const file of await namesBelow(storage, { folder: ["names", "*"], name: /^(certificate\.pem|order\.json)$/ })) {
    if ((await keyOf(file)) === newest) continue;
    const lock = await lockFolder(join(file, ".."), async () => {}, 0);
    if (lock === null) continue;
    try {
      await seal(file);
    } finally {
      await lock.release();
    }
  }
  return count;
}

function wrong(storage: string, under: string): GatewayError {
  const message = `the certificate storage ${storage} is sealed under the key ${under}, which edge.acme.storageKey does not hold`;
  return new GatewayError("seal-key-wrong", 500, message);
}
