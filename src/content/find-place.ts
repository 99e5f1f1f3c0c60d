import type { FilesHandler } from "#model/handler.ts";
import type { FileRoom } from "./file-room.ts";
import { type Hidden, readHidden } from "./hidden.ts";
import { closeFile, type Found, openBelow } from "./open-file.ts";
import { RootFolder } from "./root-folder.ts";
import { fileOf, fillCandidate, readSitePath, type SitePath } from "./site-path.ts";

/**
 * Which of `tryFiles` is there, for who only asks: nothing is given away but that it is there. A
 * candidate that ends with a slash is a folder, any other a file; without candidates it is the path itself, as a file.
 */
export class PlaceSearch {
  readonly #root: RootFolder;
  readonly #candidates: readonly string[];
  readonly #hidden: Hidden;
  readonly #room: FileRoom;

  constructor({ root, tryFiles, hide }: FilesHandler, room: FileRoom) {
    this.#root = new RootFolder(root);
    this.#candidates = tryFiles.length === 0 ? ["{path}"] : tryFiles;
    this.#hidden = readHidden(hide);
    this.#room = room;
  }

  /** @param path of the request. @returns a path, encoded as in a URL; null: none is there */
  async find(path: string): Promise<string | null> {
    const asked = readSitePath(path || "/");
    if (asked === undefined) return null;
    for (const candidate of this.#candidates) {
      const place = fillCandidate(candidate, asked);
      if (place === undefined) continue;
      // What the client wrote behind its path makes no folder of it.
      const wanted = { names: place.names, folder: candidate.endsWith("/") };
      if (await this.#isThere(wanted, candidate.includes("{path}") ? this.#hidden : nothing)) return encoded(wanted);
    }
    return null;
  }

  async #isThere(place: SitePath, hidden: Hidden): Promise<boolean> {
    const name = fileOf(this.#root.path, place, hidden);
    if (name === undefined) return false;
    // Whoever serves the file next finds it there, and the same look a moment later costs nothing.
    const key = `${this.#root.path}\0${name}`;
    const found = this.#room.recent.get(key) ?? (await this.#open(name, key));
    if (typeof found === "string") return place.folder && found === "folder";
    await closeFile(found);
    return !place.folder;
  }

  async #open(name: string, key: string): Promise<Found> {
    const found = await this.#room.gate.run(() => openBelow(this.#root, name));
    this.#room.recent.keep(key, found);
    return found;
  }
}

/** A name that the definition says, and no client, may be a hidden one. */
const nothing: Hidden = { names: [], paths: [], dots: true };

function encoded({ names, folder }: SitePath): string {
  const path = names.map((name) => `/${encodeURIComponent(name)}`).join("");
  return folder || path === "" ? `${path}/` : path;
}
