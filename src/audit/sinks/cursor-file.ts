import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { replaceFile } from "#lib/durable-file.ts";
import type { RecordPlace } from "#audit/read/stretch.ts";

/** All in front of it has been taken. */
export interface Cursor extends RecordPlace {
  /** Of the line that ends there; null: none was seen. */
  readonly hash: string | null;
}

/** How far a sink has come, on the disk: moved only behind what its receiver has taken. */
export class CursorFile {
  readonly #folder: string;
  readonly #file: string;

  /** @param name of the sink: no path can be made of it */
  constructor(folder: string, name: string) {
    this.#folder = folder;
    this.#file = join(folder, `${name.toLowerCase()}.json`);
  }

  /** Null: there is none, or none that can be read. */
  async read(): Promise<Cursor | null> {
    try {
      return cursorOf(JSON.parse(await readFile(this.#file, "utf8")));
    } catch (error) {
      if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === "ENOENT") return null;
      throw error;
    }
  }

  async write({ segment, offset, hash }: Cursor): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    await replaceFile(this.#file, `${JSON.stringify({ segment, offset, hash })}\n`, 0o600, "sink");
  }
}

function cursorOf(value: unknown): Cursor | null {
  const { segment, offset, hash } = (value ?? {}) as Partial<Record<keyof Cursor, unknown>>;
  if (!isCount(segment) || !isCount(offset)) return null;
  return { segment, offset, hash: typeof hash === "string" ? hash : null };
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
