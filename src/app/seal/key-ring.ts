import { Buffer } from "node:buffer";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createFile, replaceFile } from "#lib/durable-file.ts";
import { GatewayError } from "#model/errors.ts";
import type { Random } from "#model/ports.ts";
import type { Keks } from "./kek.ts";
import { createSealer, sealedUnder, type SealingKey } from "./sealer.ts";

export interface RingKey extends SealingKey {
  /** Milliseconds since the epoch. */
  readonly madeAt: number;
}

/**
 * The keys that a data folder's secrets are sealed under, in `seal.json` of the folder, each sealed under the
 * key-encryption key. So that one may change without the secrets being written anew.
 */
export interface KeyRing {
  /** The newest first. */
  readonly keys: readonly [RingKey, ...RingKey[]];
  /** All of it is sealed under the newest key-encryption key. */
  readonly isCurrent: boolean;
}

interface StoredRing {
  readonly version: 1;
  readonly keys: readonly { readonly id: string; readonly madeAt: string; readonly sealed: string }[];
}

const fileName = "seal.json";
const fileMode = 0o600;

export function ringFile(folder: string): string {
  return join(folder, fileName);
}

/**
 * Null when there is none.
 *
 * @throws GatewayError `seal-key-wrong` when it is sealed under another key-encryption key, `store-corrupt`
 */
export async function readRing(folder: string, keks: Keks, random: Random): Promise<KeyRing | null> {
  const stored = await readStored(folder);
  if (stored === null) return null;
  const sealer = createSealer(keks.keys, random);
  const keys = stored.keys.map(({ id, madeAt, sealed }) => {
    const bytes = Buffer.from(sealed, "base64");
    const under = sealedUnder(bytes) ?? "";
    if (!keks.keys.some((kek) => kek.id === under)) throw wrong(folder, under, keks);
    return { id, madeAt: Date.parse(madeAt), key: sealer.open(bytes, contextOf(id)), under };
  });
  const [first, ...others] = keys;
  if (first === undefined) throw damaged(folder);
  return { keys: [first, ...others], isCurrent: keys.every(({ under }) => under === keks.keys[0].id) };
}

/** Names of the key-encryption keys that the folder needs. @throws GatewayError `store-corrupt` */
export async function kekIdsOf(folder: string): Promise<readonly string[]> {
  const stored = await readStored(folder);
  const ids = stored?.keys.map(({ sealed }) => sealedUnder(Buffer.from(sealed, "base64")) ?? "") ?? [];
  return [...new Set(ids)];
}

/** One that is there already is read. Whoever else makes one at the same time gets the same. */
export async function makeRing(folder: string, keks: Keks, now: number, random: Random): Promise<KeyRing> {
  const keys = [freshKey(now, random)] as const;
  const isNew = await createFile(ringFile(folder), textOf(keys, keks, random), fileMode, tokenOf(random));
  const ring = isNew ? { keys, isCurrent: true } : await readRing(folder, keks, random);
  if (ring === null) throw damaged(folder);
  return ring;
}

/** Seals the ring under the newest key-encryption key; after a crash the file is the old one or the new one. */
export async function writeRing(folder: string, keys: KeyRing["keys"], keks: Keks, random: Random): Promise<void> {
  await replaceFile(ringFile(folder), textOf(keys, keks, random), fileMode, "seal");
}

export function freshKey(madeAt: number, random: Random): RingKey {
  return { id: Buffer.from(random.bytes(8)).toString("hex"), madeAt, key: random.bytes(32) };
}

function textOf(keys: readonly RingKey[], keks: Keks, random: Random): string {
  const sealer = createSealer(keks.keys, random);
  const rows = keys.map(({ id, madeAt, key }) => {
    return {
      id,
      madeAt: new Date(madeAt).toISOString(),
      sealed: Buffer.from(sealer.seal(key, contextOf(id))).toString("base64"),
    };
  });
  return `${JSON.stringify({ version: 1, keys: rows } satisfies StoredRing, null, 2)}\n`;
}

function contextOf(id: string): string {
  return `seal.json ${id}`;
}

async function readStored(folder: string): Promise<StoredRing | null> {
  const text = await readFile(ringFile(folder), "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw new GatewayError("store-unavailable", 500, `${ringFile(folder)} cannot be read: ${error.code}`);
  });
  if (text === null) return null;
  try {
    const stored = JSON.parse(text) as StoredRing;
    if (stored.version === 1 && stored.keys.every(isWhole)) return stored;
  } catch {
    // Below.
  }
  throw damaged(folder);
}

function isWhole({ id, madeAt, sealed }: StoredRing["keys"][number]): boolean {
  return /^[0-9a-f]{16}$/.test(id) && !Number.isNaN(Date.parse(madeAt)) && typeof sealed === "string";
}

function damaged(folder: string): GatewayError {
  const message = `${ringFile(folder)} is damaged: restore it from a backup; the secrets in the folder open with it only`;
  return new GatewayError("store-corrupt", 500, message, { source: "store" });
}

function wrong(folder: string, under: string, { from, keys }: Keks): GatewayError {
  const given = keys.map(({ id }) => id).join(", ");
  const message = `the secrets in ${folder} are sealed under the key-encryption key ${under || "of another version"}; ${from} holds ${given}`;
  return new GatewayError("seal-key-wrong", 500, message);
}

function tokenOf(random: Random): string {
  return Buffer.from(random.bytes(8)).toString("hex");
}
