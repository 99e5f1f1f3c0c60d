import type { FastCgiHandler } from "#model/handler.ts";
import type { Gate } from "./gate.ts";
import { type Hidden, readHidden } from "./hidden.ts";
import { closeFile, openBelow } from "./open-file.ts";
import { RootFolder } from "./root-folder.ts";
import { fileOf, readSitePath, type SitePath } from "./site-path.ts";

/** `file`: something else than a script is there. `folder`: its index is a script, and the path lacks its slash. */
export type ScriptPlace =
  | { readonly kind: "script"; readonly names: readonly string[]; readonly pathInfo: string }
  | { readonly kind: "file" | "folder" | "missing" | "forbidden" };

/**
 * Which script a path stands for: one that the path names (what follows it is its path info), the index of a folder,
 * else the front controller. Only a file that is there and lies below the root is ever asked for: an application
 * server that is given another name looks for scripts in its parts, and runs what somebody has uploaded.
 */
export class ScriptSearch {
  readonly #settings: FastCgiHandler;
  readonly #root: RootFolder;
  readonly #hidden: Hidden;
  readonly #fallback: SitePath | undefined;
  readonly #gate: Gate;

  constructor(settings: FastCgiHandler, gate: Gate) {
    this.#settings = settings;
    this.#root = new RootFolder(settings.root);
    this.#hidden = readHidden(settings.hide);
    this.#fallback = settings.fallback === null ? undefined : readSitePath(settings.fallback);
    this.#gate = gate;
  }

  async find(path: SitePath): Promise<ScriptPlace> {
    const at = path.names.findIndex((name) => this.#isScript(name));
    if (at >= 0) {
      const names = path.names.slice(0, at + 1);
      const found = await this.#look(names);
      if (found === "file") return { kind: "script", names, pathInfo: pathInfoOf(path, at + 1) };
      return found === "forbidden" ? { kind: found } : this.#front();
    }
    const found = path.folder || path.names.length === 0 ? "folder" : await this.#look(path.names);
    if (found === "folder") return this.#index(path);
    return found === "missing" ? this.#front() : { kind: found };
  }

  async #index(path: SitePath): Promise<ScriptPlace> {
    const names = [...path.names, this.#settings.index];
    if ((await this.#look(names)) !== "file") return this.#front();
    return path.folder || path.names.length === 0 ? { kind: "script", names, pathInfo: "" } : { kind: "folder" };
  }

  async #front(): Promise<ScriptPlace> {
    const { names } = this.#fallback ?? { names: [] };
    const found = names.length === 0 ? "missing" : await this.#look(names);
    if (found === "file") return { kind: "script", names, pathInfo: "" };
    return { kind: found === "forbidden" ? found : "missing" };
  }

  async #look(names: readonly string[]): Promise<"file" | "folder" | "missing" | "forbidden"> {
    const file = fileOf(this.#root.path, { names, folder: false }, this.#hidden);
    if (file === undefined) return "missing";
    const found = await this.#gate.run(() => openBelow(this.#root, file));
    if (typeof found === "string") return found;
    await closeFile(found);
    return "file";
  }

  /** In any case of letters: on a file system that does not tell them apart, `x.PHP` would be given away as it is. */
  #isScript(name: string): boolean {
    const lower = name.toLowerCase();
    return this.#settings.extensions.some((extension) => lower.endsWith(extension));
  }
}

function pathInfoOf({ names, folder }: SitePath, from: number): string {
  const rest = names.slice(from).map((name) => `/${name}`);
  return `${rest.join("")}${folder ? "/" : ""}`;
}
