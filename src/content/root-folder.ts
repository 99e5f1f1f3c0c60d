import { realpath } from "node:fs/promises";
import { sep } from "node:path";

/**
 * The folder of a handler. Where it really lies is asked again whenever a file seems to lie outside: a deployment may
 * have moved the link that the root is.
 */
export class RootFolder {
  readonly path: string;
  #real: string | null = null;

  constructor(path: string) {
    this.path = path;
  }

  /** @param place absolute, without symbolic links */
  async holds(place: string): Promise<boolean> {
    if (this.#real !== null && isBelow(place, this.#real)) return true;
    this.#real = await realpath(this.path);
    return isBelow(place, this.#real);
  }
}

function isBelow(place: string, root: string): boolean {
  return place === root || place.startsWith(root.endsWith(sep) ? root : root + sep);
}
