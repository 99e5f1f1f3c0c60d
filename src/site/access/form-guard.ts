import { createHmac, timingSafeEqual } from "node:crypto";
import { granteeOf } from "#model/access-requests.ts";
import type { Clock, Random } from "#model/ports.ts";
import type { Principal } from "#model/principal.ts";
import type { SiteRequest } from "#model/site.ts";

const dayMs = 86_400_000;

/**
 * Tokens in forms: whoever cannot read our pages cannot make one, so a form that has one was ours (CWE-352). One is
 * for one person, for a day or two, and for as long as this process runs.
 */
export class FormGuard {
  readonly #key: Uint8Array;
  readonly #clock: Pick<Clock, "now">;

  constructor(random: Random, clock: Pick<Clock, "now">) {
    this.#key = random.bytes(32);
    this.#clock = clock;
  }

  token(principal: Principal): string {
    return this.#make(principal, this.#today).toString("base64url");
  }

  /** Whether a form came from our own page, for this person. */
  holds(request: SiteRequest, principal: Principal, token: string): boolean {
    if (!isFromHere(request)) return false;
    const given = Buffer.from(token, "base64url");
    return [this.#today, this.#today - 1].some((day) => isSame(given, this.#make(principal, day)));
  }

  get #today(): number {
    return Math.floor(this.#clock.now() / dayMs);
  }

  #make(principal: Principal, day: number): Buffer {
    return createHmac("sha256", this.#key)
      .update(JSON.stringify([granteeOf(principal), day]))
      .digest();
  }
}

function isSame(given: Buffer, due: Buffer): boolean {
  return given.length === due.length && timingSafeEqual(given, due);
}

/** Browsers say where a form came from; a program that says nothing has a token of its own instead of a cookie. */
function isFromHere({ headers, scheme, authority }: SiteRequest): boolean {
  const { origin = "", "sec-fetch-site": site = "" } = headers;
  if (site !== "" && site !== "same-origin") return false;
  return origin === "" || origin.toLowerCase() === `${scheme}://${authority}`.toLowerCase();
}
