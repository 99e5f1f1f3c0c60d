import { randomBytes } from "node:crypto";
import { mkdir, readFile, realpath, stat } from "node:fs/promises";
import { basename, dirname, join, resolve, sep } from "node:path";
import { createFile } from "#lib/durable-file.ts";
import { GatewayError } from "#model/errors.ts";
import type { VaultReader } from "#model/key-vault.ts";
import type { Random } from "#model/ports.ts";
import { kekLine, type Keks, readKeks, refused } from "./kek.ts";
import type { KekSource } from "./kek-source.ts";

export interface FindKeksOptions {
  readonly dataPath: string;
  readonly vault: VaultReader;
  /** A key may be made in the user's own file, when nobody has named another place and none is there. */
  readonly mayMake: boolean;
  /** It was. */
  readonly onMade?: (file: string) => void;
  readonly random: Random;
}

/** No file of keys is larger. */
const maxBytes = 4096;

/** @throws GatewayError `seal-key-missing`, `seal-key-refused` */
export async function findKeks(source: KekSource, options: FindKeksOptions): Promise<Keks> {
  switch (source.kind) {
    case "text":
      return readKeks(source.text, source.from);
    case "credential":
      return readKeks(await textOf(source.path), `credential ${basename(source.path)}`);
    case "file":
      return fromFile(source.path, options);
    case "key-vault":
      return fromVault(source, options.vault);
    case "default":
      return fromDefault(source.path, options);
  }
}

async function fromFile(path: string, { dataPath }: FindKeksOptions): Promise<Keks> {
  const from = `file ${path}`;
  await checkPlace(path, dataPath, from);
  await checkPermissions(path, from);
  return readKeks(await textOf(path), from);
}

async function fromVault(
  { secret, clientId }: Extract<KekSource, { kind: "key-vault" }>,
  vault: VaultReader,
): Promise<Keks> {
  const from = `key vault ${secret.origin}${secret.path}`;
  try {
    return readKeks((await vault.read(secret, clientId)).value, from);
  } catch (error) {
    if (error instanceof GatewayError && error.code === "seal-key-refused") throw error;
    const why = error instanceof GatewayError ? error.message : "it failed";
    throw new GatewayError("seal-key-missing", 500, `the key-encryption key cannot be had from ${from}: ${why}`);
  }
}

async function fromDefault(path: string | null, options: FindKeksOptions): Promise<Keks> {
  if (path === null) throw missing("nothing says where the key-encryption key is, and this user has no home folder");
  if ((await stat(path).catch(() => null)) === null) await makeDefault(path, options);
  return fromFile(path, options);
}

async function makeDefault(path: string, { mayMake, dataPath, onMade, random }: FindKeksOptions): Promise<void> {
  if (!mayMake) throw missing(`nothing says where the key-encryption key is, and there is no ${path}`);
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await checkPlace(path, dataPath, `file ${path}`);
    const token = Buffer.from(random.bytes(8)).toString("hex");
    const note =
      "# Key-encryption key of Sallyport. Keep a copy, and not beside the data folder: it opens with it only.\n";
    if (await createFile(path, `${note}${kekLine(randomBytes(32))}`, 0o600, token)) onMade?.(path);
  } catch (cause) {
    if (cause instanceof GatewayError) throw cause;
    throw missing(`a key-encryption key cannot be made in ${path}`, cause);
  }
}

/** A copy of the folder would hold its own key. */
async function checkPlace(path: string, dataPath: string, from: string): Promise<void> {
  const [folder, data] = [await realFolder(path), await realpath(dataPath).catch(() => resolve(dataPath))];
  if (`${folder}${sep}`.startsWith(`${data}${sep}`)) throw refused(from, `it is inside the data folder ${dataPath}`);
}

/** Where the link leads to as well as where it stands. */
async function realFolder(path: string): Promise<string> {
  const file = await realpath(path).catch(() => null);
  return file === null ? join(await realpath(dirname(path)).catch(() => dirname(resolve(path)))) : dirname(file);
}

/** A group may read, as Kubernetes' `fsGroup` does; others may not. */
async function checkPermissions(path: string, from: string): Promise<void> {
  if (process.platform === "win32") return;
  const found = await stat(path).catch(() => null);
  if (found === null) throw missing(`there is no ${from}`);
  if (!found.isFile()) throw refused(from, "it is not a file");
  if ((found.mode & 0o027) !== 0) throw refused(from, `others may read or change it (chmod 600 ${path})`);
}

async function textOf(path: string): Promise<string> {
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    throw missing(`the key-encryption key in ${path} cannot be read: ${error.code ?? "it failed"}`);
  });
  if (text.length > maxBytes) throw refused(`file ${path}`, "it is too large for keys");
  return text;
}

function missing(message: string, cause?: unknown): GatewayError {
  return new GatewayError("seal-key-missing", 500, message, cause === undefined ? {} : { cause });
}
