import { Buffer } from "node:buffer";
import { GatewayError } from "#model/errors.ts";
import type { BasicUser, BasicUsers } from "#model/basic-users.ts";
import type { Clock } from "#model/ports.ts";
import { costOf, parsePasswordHash } from "#lib/password-hash/parse.ts";
import { TwoGenerations } from "#lib/two-generations.ts";
import type { GuessingBrake } from "./brake.ts";
import type { BasicCredentials } from "./credentials.ts";

/** Compares a password with a hash on another thread. @throws GatewayError `transform-busy`, `transform-stopped` */
export type ComparePassword = (password: string, hash: string) => Promise<boolean>;

export interface PasswordCheckPorts {
  readonly compare: ComparePassword;
  readonly brake: GuessingBrake;
  /** Keyed, so that what is remembered is of no use to whoever reads the memory of another process. */
  readonly digest: (text: string) => Uint8Array;
  readonly clock: Clock;
}

export type PasswordVerdict =
  | { readonly ok: true; readonly user: BasicUser }
  | { readonly ok: false; readonly reason: "password-invalid" }
  | { readonly ok: false; readonly reason: "password-attempts-exceeded"; readonly waitMs: number }
  | { readonly ok: false; readonly reason: "password-check-unavailable"; readonly detail: string };

/** A check takes up to seconds, so what has been found right is so for a while. */
const rememberMs = 300_000;
const maxRemembered = 4096;
const maxBytes = 2 ** 20;
const wrong: PasswordVerdict = { ok: false, reason: "password-invalid" };

/** Checks passwords; remembers those that were right, as digests that hold the user's hash too: another hash, another check. */
export class PasswordChecks {
  readonly #ports: PasswordCheckPorts;
  readonly #remembered = new TwoGenerations<number>(maxRemembered, maxBytes);
  readonly #underway = new Map<string, Promise<PasswordVerdict>>();

  constructor(ports: PasswordCheckPorts) {
    this.#ports = ports;
  }

  /**
   * No promise where it is remembered, or refused without a look.
   * @param address of the client; null: it was let in before, and what lasts is only decided again, so that nobody who
   *   guesses can end it
   */
  check(
    list: BasicUsers,
    { user: name, password }: BasicCredentials,
    address: string | null,
  ): PasswordVerdict | Promise<PasswordVerdict> {
    const { brake, clock } = this.#ports;
    const known = list.users.find((user) => user.name === name);
    // Whoever tries a name that is not there waits as long as for one that is.
    const hash = (known ?? dearest(list)).hash.value;
    const key = this.#key(list.name, name, hash, password);
    if (known !== undefined && (this.#remembered.get(key) ?? 0) > clock.now()) return { ok: true, user: known };
    const braked = `${list.name}:${name}`;
    const waitMs = address === null ? 0 : brake.wait(address, braked);
    if (waitMs > 0) return { ok: false, reason: "password-attempts-exceeded", waitMs };
    const shared = this.#underway.get(key);
    if (shared !== undefined) return shared;
    const verdict = this.#compare(known, password, hash, key, () => {
      if (address !== null) brake.failed(address, braked);
    });
    this.#underway.set(key, verdict);
    return verdict.finally(() => this.#underway.delete(key));
  }

  async #compare(
    known: BasicUser | undefined,
    password: string,
    hash: string,
    key: string,
    onWrong: () => void,
  ): Promise<PasswordVerdict> {
    try {
      const isRight = await this.#ports.compare(password, hash);
      if (!isRight || known === undefined) {
        onWrong();
        return wrong;
      }
    } catch (error) {
      if (!(error instanceof GatewayError)) throw error;
      return { ok: false, reason: "password-check-unavailable", detail: error.message };
    }
    this.#remembered.set(key, this.#ports.clock.now() + rememberMs, key.length);
    return { ok: true, user: known };
  }

  #key(...parts: readonly string[]): string {
    return Buffer.from(this.#ports.digest(JSON.stringify(parts))).toString("latin1");
  }
}

const dearestOf = new WeakMap<BasicUsers, BasicUser>();

function dearest(list: BasicUsers): BasicUser {
  let found = dearestOf.get(list);
  if (found === undefined)
    dearestOf.set(list, (found = list.users.toSorted((a, b) => cost(b) - cost(a))[0] as BasicUser));
  return found;
}

function cost({ hash }: BasicUser): number {
  const parsed = parsePasswordHash(hash.value);
  return typeof parsed === "string" ? 0 : costOf(parsed);
}
