import type { FilesHandler } from "#model/handler.ts";
import type { FileRoom } from "./file-room.ts";
import { type Hidden, readHidden } from "./hidden.ts";
import { type Listing, listFolder } from "./list-folder.ts";
import { closeFile, type Found, type OpenFile, openBelow } from "./open-file.ts";
import { RootFolder } from "./root-folder.ts";
import { fileOf, fillCandidate, type SitePath } from "./site-path.ts";

export interface FoundFile {
  readonly kind: "file";
  readonly file: OpenFile;
  /** Absolute name. */
  readonly name: string;
  /** Below the root. */
  readonly path: SitePath;
}

/** `folder`: an index is there, but the path lacks its slash, so relative links would lead astray. */
export type Search = FoundFile | { readonly kind: "folder" | "missing" | "forbidden" };

/** Looks for the file that a path stands for, in the folder of one handler. */
export class FileSearch {
  readonly #root: RootFolder;
  readonly #index: readonly string[];
  readonly #tryFiles: readonly string[];
  readonly #hidden: Hidden;
  readonly #room: FileRoom;
  readonly #browse: boolean;

  constructor({ root, index, tryFiles, hide, browse }: FilesHandler, room: FileRoom) {
    this.#root = new RootFolder(root);
    this.#index = index;
    this.#tryFiles = tryFiles;
    this.#hidden = readHidden(hide);
    this.#room = room;
    this.#browse = browse === true;
  }

  /** What is in the folder that a path names, where folders are listed. */
  async list(path: SitePath): Promise<Listing | "missing" | "forbidden"> {
    const name = this.#browse ? fileOf(this.#root.path, path, this.#hidden) : undefined;
    if (name === undefined) return "missing";
    const key = `${this.#root.path}\0${name}`;
    const known = this.#room.listings.get(key);
    if (known !== undefined) return known;
    const found = await this.#room.gate.run(() => listFolder(this.#root, name, path.names, this.#hidden));
    this.#room.listings.keep(key, found);
    return found;
  }

  /** The first of `tryFiles` that is there; without any, the path itself. */
  async find(path: SitePath): Promise<Search> {
    if (this.#tryFiles.length === 0) return this.#ofPath(path);
    let forbidden = false;
    for (const candidate of this.#tryFiles) {
      const place = fillCandidate(candidate, path);
      const found = place === undefined ? "missing" : await this.#at(place);
      if (found === "forbidden") forbidden = true;
      if (typeof found === "string") continue;
      return found.path !== path && place?.folder === true && isSame(place, path) ? this.#slash(found) : found;
    }
    return { kind: forbidden ? "forbidden" : "missing" };
  }

  /** Opens one file by its place; for variants of what was found, and pages of errors. */
  async open(path: SitePath): Promise<FoundFile | "folder" | "missing" | "forbidden"> {
    const name = fileOf(this.#root.path, path, this.#hidden);
    if (name === undefined) return "missing";
    // What one handler may give, another may not: so the root belongs to the key.
    const key = `${this.#root.path}\0${name}`;
    const file = this.#room.recent.get(key) ?? (await this.#open(name, key));
    return typeof file === "string" ? file : { kind: "file", file, name, path };
  }

  async #open(name: string, key: string): Promise<Found> {
    const found = await this.#room.gate.run(() => openBelow(this.#root, name));
    this.#room.recent.keep(key, found);
    return found;
  }

  async #ofPath(path: SitePath): Promise<Search> {
    const found = await this.#at(path);
    if (found === "folder") {
      const index = await this.#indexOf(path);
      if (typeof index !== "string") return this.#slash(index);
      return { kind: this.#browse && index === "missing" ? "folder" : index };
    }
    return typeof found === "string" ? { kind: found } : found;
  }

  #at(path: SitePath): Promise<FoundFile | "folder" | "missing" | "forbidden"> {
    return path.folder || path.names.length === 0 ? this.#indexOf(path) : this.open(path);
  }

  async #indexOf({ names }: SitePath): Promise<FoundFile | "missing" | "forbidden"> {
    let forbidden = false;
    for (const index of this.#index) {
      const found = await this.open({ names: [...names, index], folder: false });
      if (typeof found !== "string") return found;
      if (found === "forbidden") forbidden = true;
    }
    return forbidden ? "forbidden" : "missing";
  }

  async #slash({ file }: FoundFile): Promise<Search> {
    await closeFile(file);
    return { kind: "folder" };
  }
}

/** The same names, without the slash that is due. */
function isSame(place: SitePath, path: SitePath): boolean {
  return !path.folder && place.names.length > 0 && place.names.join("/") === path.names.join("/");
}
