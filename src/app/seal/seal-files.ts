import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { readText } from "#edge/ca-files.ts";
import type { SecretFiles } from "#edge/secret-files.ts";
import { sealedBytes } from "#lib/sealed-text.ts";
import { sealedUnder } from "./sealer.ts";

/** Files that hold secrets, by their place in a folder. */
export interface SecretKind {
  /** Names of folders; `*` is each folder that is there. */
  readonly folder: readonly string[];
  readonly name: RegExp;
}

/** All files that hold secrets, besides the pepper, which is no text. What is not here is public or in the store. */
const secretKinds: readonly SecretKind[] = [
  { folder: [], name: /^(assertion-keys|audit-key)\.json$/ },
  { folder: ["secret-rotations"], name: /\.json$/ },
  { folder: ["ca"], name: /^(root|intermediate)\.key$/ },
  { folder: ["ca", "retired"], name: /^[0-9a-f]{40}\.key$/ },
  { folder: ["certificates", "accounts"], name: /\.json$/ },
  { folder: ["certificates", "names", "*"], name: /^(certificate\.pem|order\.json)$/ },
];

/** What a write that a crash cut off has left, of versions that did not seal as well. */
const leftover = /^\.[0-9a-f]{16}\.tmp$/;
/** Younger ones may be a command's that is at work. */
const leftoverMs = 60_000;

/**
 * Seals what lies in the clear in the data folder, or is sealed under an older key. Each file is replaced as a whole, so
 * a crash leaves some sealed and some not, which the next start goes on with.
 *
 * @param key id of the newest key
 * @returns the files it has sealed
 */
export async function sealFiles(
  dataPath: string,
  files: SecretFiles,
  key: string,
  now: number,
): Promise<readonly string[]> {
  const sealed: string[] = [];
  for (const file of await secretFiles(dataPath, now)) {
    if ((await keyOf(file)) === key) continue;
    const text = await files.read(file);
    if (text === null) continue;
    await files.write(file, text);
    sealed.push(file);
  }
  return sealed;
}

/** Null: it is in the clear. */
export async function keyOf(file: string): Promise<string | null> {
  const sealed = sealedBytes((await readText(file)) ?? "");
  return sealed === null ? null : sealedUnder(sealed);
}

/** Those that are there. Takes away what crashes have left. */
async function secretFiles(dataPath: string, now: number): Promise<readonly string[]> {
  const found: string[] = [];
  for (const kind of secretKinds) {
    found.push(...(await namesBelow(dataPath, kind)));
    for (const file of await namesBelow(dataPath, { ...kind, name: leftover })) await removeOld(file, now);
  }
  return found;
}

export async function namesBelow(root: string, { folder, name }: SecretKind): Promise<readonly string[]> {
  const found: string[] = [];
  for (const path of await foldersOf(root, folder)) {
    const names = await readdir(path).catch(() => []);
    found.push(...names.filter((one) => name.test(one)).map((one) => join(path, one)));
  }
  return found;
}

async function foldersOf(dataPath: string, names: readonly string[]): Promise<readonly string[]> {
  let paths: readonly string[] = [dataPath];
  for (const name of names) {
    const next = paths.map(async (path) => (name === "*" ? await foldersIn(path) : [join(path, name)]));
    paths = (await Promise.all(next)).flat();
  }
  return paths;
}

async function foldersIn(path: string): Promise<readonly string[]> {
  const entries = await readdir(path, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isDirectory()).map((entry) => join(path, entry.name));
}

async function removeOld(file: string, now: number): Promise<void> {
  const found = await stat(file).catch(() => null);
  if (found !== null && now - found.mtimeMs > leftoverMs) await rm(file, { force: true });
}
