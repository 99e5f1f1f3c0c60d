import { hash } from "node:crypto";
import { lstat, mkdir, readFile, realpath } from "node:fs/promises";
import { basename, dirname, join, resolve, sep } from "node:path";
import { type StagedFile, stageFile, syncFolder } from "#lib/durable-file.ts";
import { GatewayError } from "#model/errors.ts";

const token = "sallyport";

/** The folder of the definition, as a place to write configurations to: the file stays the source of truth. */
export class ConfigurationFolder {
  readonly path: string;
  /** The definition's own name. */
  readonly definition: string;

  constructor(definition: string) {
    const path = resolve(definition);
    this.path = dirname(path);
    this.definition = basename(path);
  }

  /** What stands on the disk; null for what does not exist or is no text. */
  async read(name: string): Promise<string | null> {
    try {
      return new TextDecoder("utf-8", { fatal: true }).decode(await readFile(join(this.path, name)));
    } catch {
      return null;
    }
  }

  /** SHA-256 of each file as it stands; null for what does not exist. */
  async hashes(names: Iterable<string>): Promise<Readonly<Record<string, string | null>>> {
    const found: Record<string, string | null> = {};
    for (const name of names) {
      const text = await this.read(name);
      found[name] = text === null ? null : hash("sha256", text, "hex");
    }
    return found;
  }

  /**
   * Replaces files, the definition last. All new texts are on the disk before the first one takes its place; a failure
   * puts back what was replaced. What a crash leaves in between is the journal's to repair.
   *
   * @throws GatewayError `configuration-read-only` when the files cannot be written here
   */
  async replace(files: ReadonlyMap<string, string>): Promise<void> {
    const names = [...files.keys()].toSorted((a, b) => Number(a === this.definition) - Number(b === this.definition));
    const before = new Map<string, string | null>();
    const staged: (readonly [string, StagedFile])[] = [];
    const replaced: string[] = [];
    try {
      for (const name of names) {
        before.set(name, await this.read(name));
        staged.push([name, await this.#stage(name, files.get(name) ?? "")]);
      }
      for (const [name, file] of staged) {
        await file.commit();
        replaced.push(name);
      }
      await this.#sync(names);
    } catch (cause) {
      for (const [, file] of staged) await file.discard();
      await this.#putBack(replaced, before);
      throw readOnly(this.path, cause as NodeJS.ErrnoException);
    }
  }

  /** A file that was not there before stays: nothing refers to it. */
  async #putBack(names: readonly string[], before: ReadonlyMap<string, string | null>): Promise<void> {
    for (const name of names) {
      const text = before.get(name) ?? null;
      if (text !== null) await (await this.#stage(name, text)).commit();
    }
  }

  async #stage(name: string, text: string): Promise<StagedFile> {
    const { file, mode } = await this.#place(name);
    return stageFile(file, text, mode, token);
  }

  /** A link is followed where there is a file: whoever set it up meant that file. A new file stays in the folder. */
  async #place(name: string): Promise<{ readonly file: string; readonly mode: number }> {
    const path = join(this.path, name);
    try {
      const file = await realpath(path);
      return { file, mode: (await lstat(file)).mode & 0o777 };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    }
    const root = await realpath(this.path);
    await mkdir(dirname(path), { recursive: true });
    const folder = await realpath(dirname(path));
    if (folder !== root && !folder.startsWith(`${root}${sep}`)) throw new Error(`${name} leads out of the folder`);
    return { file: join(folder, basename(path)), mode: 0o644 };
  }

  async #sync(names: readonly string[]): Promise<void> {
    for (const folder of new Set(names.map((name) => dirname(join(this.path, name))))) await syncFolder(folder);
  }
}

function readOnly(folder: string, cause: NodeJS.ErrnoException): GatewayError {
  const why = cause.code ?? cause.message;
  const message = `the configuration in ${folder} cannot be written (${why}); change the files where they come from`;
  return new GatewayError("configuration-read-only", 409, message, { cause, expose: true });
}
