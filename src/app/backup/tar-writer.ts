import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { createTarPacker } from "modern-tar";

const chunkBytes = 256 * 1024;

/** A gzipped tar file that is written entry by entry. */
export interface TarWriter {
  /** The bytes that the file has now, whatever is added meanwhile. */
  add(name: string, file: FileHandle, mtime: Date): Promise<{ readonly size: number; readonly sha256: string }>;
  addText(name: string, text: string, mtime: Date): Promise<void>;
  /** Synced to the disk. */
  close(): Promise<void>;
  /** It comes to nothing. */
  abort(reason: unknown): Promise<void>;
}

/** @param path must not be there; readable by its owner only */
export function createTarWriter(path: string): TarWriter {
  const { readable, controller } = createTarPacker();
  const target = createWriteStream(path, { flags: "wx", mode: 0o600, flush: true });
  const written = pipeline(Readable.fromWeb(readable), createGzip({ level: 6 }), target);
  // Told by `close`, or by the entry that waits for it.
  written.catch((error: unknown) => controller.error(error));
  const entry = (name: string, size: number, mtime: Date): WritableStreamDefaultWriter<Uint8Array> =>
    controller.add({ name, size, mtime, mode: 0o600, type: "file" }).getWriter();
  return {
    add: async (name, file, mtime) => {
      const { size } = await file.stat();
      const writer = entry(name, size, mtime);
      const hash = createHash("sha256");
      for await (const chunk of chunksOf(file, size)) {
        hash.update(chunk);
        await writer.write(chunk);
      }
      await writer.close();
      return { size, sha256: hash.digest("hex") };
    },
    addText: async (name, text, mtime) => {
      const bytes = Buffer.from(text);
      const writer = entry(name, bytes.length, mtime);
      await writer.write(bytes);
      await writer.close();
    },
    close: async () => {
      controller.finalize();
      await written;
    },
    abort: async (reason) => {
      controller.error(reason);
      await written.catch(() => {});
    },
  };
}

async function* chunksOf(file: FileHandle, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < size;) {
    const bytes = Buffer.allocUnsafe(Math.min(chunkBytes, size - at));
    const { bytesRead } = await file.read(bytes, 0, bytes.length, at);
    if (bytesRead === 0) throw new Error("a file became shorter while it was read");
    at += bytesRead;
    yield bytes.subarray(0, bytesRead);
  }
}
