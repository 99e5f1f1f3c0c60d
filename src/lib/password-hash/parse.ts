import { Buffer } from "node:buffer";

/** `$2a$`, `$2b$` or `$2y$`, cost, salt and digest. */
export interface BcryptHash {
  readonly kind: "bcrypt";
  /** Binary logarithm of the rounds. */
  readonly cost: number;
  readonly text: string;
}

/** `$argon2id$v=19$m=<KiB>,t=<passes>,p=<lanes>$<salt>$<digest>`, both in base64 without padding. @see RFC 9106 */
export interface Argon2Hash {
  readonly kind: "argon2id";
  readonly memoryKiB: number;
  readonly passes: number;
  readonly lanes: number;
  readonly salt: Uint8Array;
  readonly digest: Uint8Array;
}

export type PasswordHash = BcryptHash | Argon2Hash;

/** What a check may cost: some seconds on a slow machine, and 256 MiB. */
const bcryptCosts = { least: 4, most: 16 } as const;
const memory = { least: 8, most: 262_144 } as const;
const mostPasses = 16;
const mostLanes = 16;

const bcrypt = /^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}$/;
const argon2 =
  /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,3}),p=(\d{1,3})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{22,86})$/;

/** @returns what is wrong with it, which says nothing of the text itself */
export function parsePasswordHash(text: string): PasswordHash | string {
  const [, rounds] = bcrypt.exec(text) ?? [];
  if (rounds !== undefined) return bcryptOf(text, Number(rounds));
  const [, m, t, p, salt, digest] = argon2.exec(text) ?? [];
  if (salt === undefined || digest === undefined) return "is no hash of bcrypt or argon2id";
  return argon2Of(Number(m), Number(t), Number(p), Buffer.from(salt, "base64"), Buffer.from(digest, "base64"));
}

function bcryptOf(text: string, cost: number): BcryptHash | string {
  if (cost >= bcryptCosts.least && cost <= bcryptCosts.most) return { kind: "bcrypt", cost, text };
  return `has the cost ${cost}, and ${bcryptCosts.least} to ${bcryptCosts.most} are taken`;
}

function argon2Of(
  memoryKiB: number,
  passes: number,
  lanes: number,
  salt: Uint8Array,
  digest: Uint8Array,
): Argon2Hash | string {
  if (memoryKiB < memory.least || memoryKiB > memory.most) {
    return `takes ${memoryKiB} KiB of memory, and ${memory.least} to ${memory.most} are taken`;
  }
  if (passes < 1 || passes > mostPasses) return `has ${passes} passes, and 1 to ${mostPasses} are taken`;
  if (lanes < 1 || lanes > mostLanes) return `has ${lanes} lanes, and 1 to ${mostLanes} are taken`;
  if (digest.length < 16) return "has a digest of less than 16 bytes";
  return { kind: "argon2id", memoryKiB, passes, lanes, salt, digest };
}

/**
 * Below what OWASP takes for the least: whoever gets hold of it guesses quickly.
 * @see https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html
 */
export function isWeak(hash: PasswordHash): boolean {
  return hash.kind === "bcrypt" ? hash.cost < 10 : hash.memoryKiB * hash.passes < 5 * 7168;
}

/** About how long a check takes, in the unit of one round of bcrypt: to find the dearest of several. */
export function costOf(hash: PasswordHash): number {
  return hash.kind === "bcrypt" ? 2 ** hash.cost : (hash.memoryKiB * hash.passes) / 46;
}
