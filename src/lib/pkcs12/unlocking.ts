import { Pkcs12Error } from "./pkcs12-error.ts";

/**
 * A password, and how much work may be made of it: what is read says itself how often it is hashed, so a small file
 * could keep a thread for hours.
 */
export class Unlocking {
  /** Null: the empty one, as those take it who write no zero for it. */
  password: string | null;
  #hashesLeft: number;

  /** @param hashes of all parts of the file together */
  constructor(password: string, hashes: number) {
    this.password = password;
    this.#hashesLeft = hashes;
  }

  /** Call it before. @throws Pkcs12Error `iterations` */
  spend(hashes: number): void {
    this.#hashesLeft -= hashes;
    if (hashes < 1 || this.#hashesLeft < 0) throw new Pkcs12Error("iterations");
  }
}
