import { Buffer } from "node:buffer";
import { createKeyedDigest } from "#lib/keyed-digest.ts";
import type { Sticky } from "#model/balancing.ts";
import { clientScheme } from "#model/client-scheme.ts";
import type { Exchange } from "#model/exchange.ts";
import { cookieOf } from "./cookies.ts";

/** Enough that none can be guessed, short enough for each request. */
const markBytes = 16;

/**
 * Cookies that name a target without telling what it is: their value is a keyed digest of backend and address. Nobody
 * without the key can make one or learn an address from it; one that is made up names no target, and is as good as
 * none. Every worker has the same key, and it outlives a restart, so cookies do too.
 */
export class StickyCookies<Target extends object> {
  readonly #cookie: string;
  readonly #attributes: string;
  readonly #markOf: (address: string) => string;
  readonly #byMark: Map<string, Target> = new Map();
  readonly #marks: Map<Target, string> = new Map();

  /** @param key 32 to 64 bytes */
  constructor(setting: Sticky, backend: string, key: Uint8Array) {
    const digest = createKeyedDigest(key);
    this.#cookie = setting.cookie;
    this.#attributes = attributesOf(setting);
    this.#markOf = (address) =>
      Buffer.from(digest(`sticky\n${backend}\n${address}`).subarray(0, markBytes)).toString("base64url");
  }

  /** The targets that cookies can name from now on, by address. */
  follow(targets: ReadonlyMap<string, Target>): void {
    this.#byMark.clear();
    this.#marks.clear();
    for (const [address, target] of targets) {
      const mark = this.#markOf(address);
      this.#byMark.set(mark, target);
      this.#marks.set(target, mark);
    }
  }

  /** The target that the client's cookie names, whether or not it is up. */
  find({ facts }: Exchange): Target | undefined {
    const mark = cookieOf(facts.headers, this.#cookie);
    return mark === undefined ? undefined : this.#byMark.get(mark);
  }

  /** Value of Set-Cookie for a client that `target` has answered, or undefined when it has that already. */
  write(target: Target, exchange: Exchange): string | undefined {
    const mark = this.#marks.get(target);
    if (mark === undefined || this.find(exchange) === target) return undefined;
    const secure = isSecure(exchange) ? "; Secure" : "";
    return `${this.#cookie}=${mark}${this.#attributes}${secure}`;
  }
}

/** Whether the client came over TLS, to here or to a proxy that is believed. */
function isSecure({ facts }: Exchange): boolean {
  return facts.scheme === "https" || clientScheme(facts) === "https";
}

function attributesOf({ path, ttlMs, sameSite }: Sticky): string {
  const age = ttlMs === 0 ? "" : `; Max-Age=${Math.ceil(ttlMs / 1000)}`;
  const site = `${sameSite.charAt(0).toUpperCase()}${sameSite.slice(1)}`;
  return `; Path=${path}${age}; HttpOnly; SameSite=${site}`;
}
