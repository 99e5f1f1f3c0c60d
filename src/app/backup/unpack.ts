import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, open } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pipeline, Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { createTarDecoder, type ParsedTarEntry } from "modern-tar";
import { syncFolder } from "#lib/durable-file.ts";
import { GatewayError } from "#model/errors.ts";
import {
  definitionPrefix,
  isSafePath,
  type Manifest,
  manifestName,
  type ManifestFile,
  prefix,
  readManifest,
} from "./manifest.ts";

const maxManifestBytes = 256 * 1024 * 1024;

/** Where its parts go: folders that are there and empty. */
export interface UnpackInto {
  readonly data: string;
  readonly definition: string;
}

/**
 * Unpacks a backup, and holds every byte against the manifest.
 *
 * @throws GatewayError `backup-damaged`, `store-unavailable`
 */
export async function unpackBackup(file: string, into: UnpackInto): Promise<Manifest> {
  const places: readonly Place[] = [
    { prefix, folder: into.data, found: new Map() },
    { prefix: definitionPrefix, folder: into.definition, found: new Map() },
  ];
  let manifest: Manifest | null = null;
  try {
    for await (const entry of entriesOf(file)) {
      if (manifest !== null) throw damaged("something stands behind its manifest");
      if (entry.header.name === manifestName) manifest = readManifest(await textOf(entry));
      else await unpack(entry, places);
    }
    if (manifest === null) throw damaged("its manifest is missing: it was cut off, or is no backup");
    for (const { prefix: name, found } of places) {
      compare(name === prefix ? manifest.files : (manifest.definition?.files ?? []), found);
    }
  } catch (error) {
    throw told(file, error);
  }
  for (const { folder, found } of places) {
    for (const one of new Set([...found.keys()].map((path) => dirname(join(folder, path))))) await syncFolder(one);
  }
  return manifest;
}

function entriesOf(file: string): AsyncIterable<ParsedTarEntry> {
  const gunzip = createGunzip();
  // A failure of either ends the stream that is read, with it.
  pipeline(createReadStream(file), gunzip, () => {});
  const bytes = Readable.toWeb(gunzip) as ReadableStream<Uint8Array<ArrayBuffer>>;
  return bytes.pipeThrough(createTarDecoder({ strict: true }));
}

/** Names in the archive that begin so, the folder that they go to, and those that have gone there. */
interface Place {
  readonly prefix: string;
  readonly folder: string;
  readonly found: Map<string, ManifestFile>;
}

async function unpack({ header, body }: ParsedTarEntry, places: readonly Place[]): Promise<void> {
  const place = places.find((one) => header.name.startsWith(one.prefix));
  if (place === undefined || header.type !== "file") throw damaged("it holds what no backup does");
  const { folder, found } = place;
  const path = header.name.slice(place.prefix.length);
  if (!isSafePath(path) || found.has(path)) throw damaged("it holds what no backup does");
  const target = join(folder, path);
  await mkdir(dirname(target), { recursive: true, mode: 0o700 });
  const handle = await open(target, "wx", 0o600);
  try {
    const hash = createHash("sha256");
    let size = 0;
    for await (const chunk of body) {
      hash.update(chunk);
      size += chunk.length;
      await handle.writeFile(chunk);
    }
    await handle.sync();
    found.set(path, { path, size, sha256: hash.digest("hex") });
  } finally {
    await handle.close();
  }
}

async function textOf({ header, body }: ParsedTarEntry): Promise<string> {
  if (header.size > maxManifestBytes) throw damaged("its manifest is too large");
  return new Response(body).text();
}

function compare(files: readonly ManifestFile[], found: ReadonlyMap<string, ManifestFile>): void {
  if (files.length !== found.size) throw damaged(`it holds ${found.size} files, and its manifest ${files.length}`);
  for (const { path, size, sha256 } of files) {
    const one = found.get(path);
    if (one?.size !== size || one.sha256 !== sha256) throw damaged(`${path} is not what was backed up`);
  }
}

function damaged(why: string): GatewayError {
  return new GatewayError("backup-damaged", 500, why);
}

/** What a damaged archive makes its readers say, and what the disk does. */
function told(file: string, error: unknown): GatewayError {
  const { code, message } = error as NodeJS.ErrnoException;
  const ofDisk = new Set(["ENOENT", "EACCES", "EISDIR", "ENOSPC", "EIO", "EROFS", "EDQUOT"]);
  if (code !== undefined && ofDisk.has(code)) {
    return new GatewayError("store-unavailable", 500, `the backup ${file} cannot be unpacked: ${message}`);
  }
  return new GatewayError("backup-damaged", 500, `${file} is no whole backup: ${message}`, { cause: error });
}
