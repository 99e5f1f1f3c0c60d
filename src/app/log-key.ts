import { Buffer } from "node:buffer";
import { createPrivateKey, createPublicKey, generateKeyPairSync } from "node:crypto";
import { readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { rawPublicKey, writeLogKey } from "#audit/merkle/log-key.ts";
import { logKeyFile } from "#audit/read/log-keys.ts";
import { segmentNumber } from "#audit/segment-name.ts";
import type { SecretFiles } from "#edge/secret-files.ts";
import { replaceFile } from "#lib/durable-file.ts";
import { GatewayError } from "#model/errors.ts";
import type { Log, Random } from "#model/ports.ts";

/** The key that checkpoints of the record are signed with. */
export interface LogSigningKey {
  /** Also the log's origin. */
  readonly name: string;
  /** DER. */
  readonly pkcs8: Uint8Array;
}

export interface LogKeyOptions {
  /** The data folder. */
  readonly dataPath: string;
  readonly auditPath: string;
  /** Name of this gateway node. */
  readonly node: string;
  readonly secrets: SecretFiles;
  readonly random: Random;
  readonly log: Log;
}

/** Sealed, in the data folder. */
const fileName = "audit-key.json";

/**
 * A log has one key for its life: made when the log is begun, so that two logs never speak under one name. Where it is
 * lost a new one goes on, beside the old one's public half, and the log says so.
 *
 * @throws GatewayError `seal-broken`, `store-corrupt`
 */
export async function openLogKey(options: LogKeyOptions): Promise<LogSigningKey> {
  const { dataPath, auditPath, secrets, log } = options;
  const file = join(dataPath, fileName);
  const begun = readdirSync(auditPath).some((name) => segmentNumber(name) !== undefined);
  const kept = begun ? await readKey(file, secrets) : null;
  if (begun && kept === null) log.error("the key of the audit record is gone: another one signs from now on", { file });
  const key = kept ?? makeKey(options);
  if (kept === null) await secrets.write(file, writeKey(key));
  await publish(auditPath, key, begun);
  return key;
}

async function readKey(file: string, secrets: SecretFiles): Promise<LogSigningKey | null> {
  const text = await secrets.read(file);
  if (text === null) return null;
  try {
    const { name, pkcs8 } = JSON.parse(text) as { readonly name: string; readonly pkcs8: string };
    return { name, pkcs8: Buffer.from(pkcs8, "base64") };
  } catch {
    throw new GatewayError("store-corrupt", 500, `${file} is damaged: restore it from a backup`);
  }
}

function writeKey({ name, pkcs8 }: LogSigningKey): string {
  return JSON.stringify({ name, pkcs8: Buffer.from(pkcs8).toString("base64") });
}

/** The name tells logs apart, also two of one node: a witness keeps the newest checkpoint by it. */
function makeKey({ node, random }: LogKeyOptions): LogSigningKey {
  const place = node.replaceAll(/[^A-Za-z0-9._-]/g, "-").slice(0, 64);
  const name = `sallyport/${place}/${Buffer.from(random.bytes(6)).toString("hex")}`;
  const { privateKey } = generateKeyPairSync("ed25519");
  return { name, pkcs8: privateKey.export({ type: "pkcs8", format: "der" }) };
}

async function publish(auditPath: string, { name, pkcs8 }: LogSigningKey, begun: boolean): Promise<void> {
  const key = createPublicKey(createPrivateKey({ key: Buffer.from(pkcs8), format: "der", type: "pkcs8" }));
  const line = writeLogKey(name, rawPublicKey(key));
  const file = join(auditPath, logKeyFile);
  const before = begun ? await readFile(file, "utf8").catch(() => "") : "";
  const others = before.split("\n").filter((one) => one !== "" && one !== line);
  const text = [line, ...others].map((one) => `${one}\n`).join("");
  if (text !== before) await replaceFile(file, text, 0o600, "key");
}
