import {
  closeSync,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { basename, dirname, extname, join } from "node:path";

export interface Bounds {
  readonly maxBytes: number;
  readonly maxAgeMs: number;
  /** How many closed files stay. */
  readonly keep: number;
}

/**
 * A file of lines that is closed and begun anew by size and age. Its calls are synchronous: for threads that nobody waits
 * for. A closed one has the time in its name: `access-20260301T080000000Z.log`.
 */
export class RotatingFile {
  readonly #path: string;
  readonly #bounds: Bounds;
  readonly #now: () => number;
  #file: number | null = null;
  #bytes = 0;
  #begun = 0;
  #closedAt = 0;

  constructor(path: string, bounds: Bounds, now: () => number) {
    this.#path = path;
    this.#bounds = bounds;
    this.#now = now;
  }

  /** Whole lines, with their breaks: all of them or none. @throws Error of the file system */
  write(lines: string): void {
    const bytes = Buffer.from(lines);
    let file = this.#file ?? this.#open();
    if (this.#isDue(bytes.length)) {
      this.#rotate();
      file = this.#open();
    }
    try {
      for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at);
      this.#bytes += bytes.length;
    } catch (error) {
      this.#takeBack(file);
      throw error;
    }
  }

  close(): void {
    if (this.#file !== null) closeSync(this.#file);
    this.#file = null;
  }

  #open(): number {
    mkdirSync(dirname(this.#path), { recursive: true, mode: 0o700 });
    const file = openSync(this.#path, "a", 0o600);
    const { size, birthtimeMs, mtimeMs } = fstatSync(file);
    this.#bytes = size;
    this.#begun = size === 0 ? this.#now() : birthtimeMs || mtimeMs;
    this.#file = file;
    return file;
  }

  #isDue(more: number): boolean {
    if (this.#bytes === 0) return false;
    const { maxBytes, maxAgeMs } = this.#bounds;
    return this.#bytes + more > maxBytes || this.#now() - this.#begun >= maxAgeMs;
  }

  #rotate(): void {
    this.close();
    const taken = new Set(this.#closed());
    // Each name is later than the one before: the oldest goes first, however fast they come.
    this.#closedAt = Math.max(this.#now(), this.#closedAt + 1);
    while (taken.has(this.#nameOf(stampOf(this.#closedAt)))) this.#closedAt += 1;
    renameSync(this.#path, join(dirname(this.#path), this.#nameOf(stampOf(this.#closedAt))));
    const all = this.#closed();
    for (const old of all.slice(0, Math.max(0, all.length - this.#bounds.keep))) {
      rmSync(join(dirname(this.#path), old), { force: true });
    }
  }

  /** Names of closed files, the oldest first. */
  #closed(): readonly string[] {
    const start = this.#nameOf("").slice(0, -extname(this.#path).length);
    const stamp = /^\d{8}T\d{9}Z$/;
    const inner = (name: string): string => name.slice(start.length, -extname(this.#path).length);
    return readdirSync(dirname(this.#path))
      .filter((name) => name.startsWith(start) && name.endsWith(extname(this.#path)) && stamp.test(inner(name)))
      .toSorted((one, other) => (inner(one) < inner(other) ? -1 : 1));
  }

  #nameOf(stamp: string): string {
    const end = extname(this.#path);
    return `${basename(this.#path, end)}-${stamp}${end}`;
  }

  /** Half a line would make the next one unreadable. */
  #takeBack(file: number): void {
    try {
      ftruncateSync(file, this.#bytes);
    } catch {
      // The disk says no to that as well: whoever reads finds one line that is none.
    }
  }
}

function stampOf(time: number): string {
  return new Date(time).toISOString().replaceAll(/[-:.]/g, "");
}
