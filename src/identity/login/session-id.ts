import { Buffer } from "node:buffer";
import { hash, timingSafeEqual } from "node:crypto";
import type { HeaderList } from "#model/header-list.ts";
import { ownCookiePrefix } from "#model/site.ts";
import type { Random } from "#model/ports.ts";

/** Holds the session's id and nothing else, so that it never grows. */
export const sessionCookie: string = `${ownCookiePrefix}session`;

const idBytes = 32;
const tagBytes = 16;
/** Base64url of both. */
const idLength = 64;

/**
 * Ids of sessions: 256 random bits, and a tag over them under a key of this gateway. The tag is no secret's only guard:
 * it lets a worker tell an invented id by itself, so that nobody can have main look up millions of them.
 */
export class SessionIds {
  readonly #digest: (text: string) => Uint8Array;

  /** @param digest keyed, for this purpose alone */
  constructor(digest: (text: string) => Uint8Array) {
    this.#digest = digest;
  }

  make(random: Random): string {
    const id = Buffer.from(random.bytes(idBytes));
    return Buffer.concat([id, this.#tagOf(id)]).toString("base64url");
  }

  /** Whether this gateway may have made it. */
  isOurs(id: string): boolean {
    if (id.length !== idLength) return false;
    const bytes = Buffer.from(id, "base64url");
    if (bytes.length !== idBytes + tagBytes || bytes.toString("base64url") !== id) return false;
    return timingSafeEqual(bytes.subarray(idBytes), this.#tagOf(bytes.subarray(0, idBytes)));
  }

  #tagOf(id: Buffer): Uint8Array {
    return this.#digest(id.toString("base64url")).subarray(0, tagBytes);
  }
}

/** What the store knows of an id. */
export function sessionDigest(id: string): string {
  return hash("sha256", id, "base64url");
}

/**
 * The value of a cookie.
 * @returns undefined without one; null when there are several of the name, as nobody knows which is meant
 */
export function soleCookie({ raw }: HeaderList, name: string): string | undefined | null {
  let found: string | undefined;
  for (let at = 0; at < raw.length; at += 2) {
    const field = raw[at] as string;
    if (field.length !== 6 || field.toLowerCase() !== "cookie") continue;
    const value = raw[at + 1] as string;
    for (let from = value.indexOf(name); from >= 0; from = value.indexOf(name, from + name.length)) {
      if (value.charCodeAt(from + name.length) !== equals || !startsPair(value, from)) continue;
      if (found !== undefined) return null;
      const end = value.indexOf(";", from);
      found = value.slice(from + name.length + 1, end < 0 ? value.length : end).trim();
    }
  }
  return found;
}

const equals = 0x3d;

/** At the beginning, or behind a semicolon and white space. */
function startsPair(field: string, at: number): boolean {
  let before = at - 1;
  while (before >= 0 && (field[before] === " " || field[before] === "\t")) before -= 1;
  return before < 0 || field[before] === ";";
}
