import { type Refusal, refuse } from "#model/decision.ts";
import type { Clock } from "#model/ports.ts";
import type { Principal } from "#model/principal.ts";
import {
  type Revocation,
  type RevocationChange,
  type RevocationKind,
  revocationKinds,
} from "#model/identity-revocation.ts";

type ByKind = Readonly<Record<RevocationKind, Map<string, Revocation>>>;

/**
 * All revocations in force, as one thread knows them: bounded where they are made. With none of them a request costs a
 * comparison, with some a look into a weak map, once its principal has been looked at.
 */
export class Revocations {
  readonly #byKind = Object.fromEntries(revocationKinds.map((kind) => [kind, new Map()])) as ByKind;
  readonly #clock: Pick<Clock, "now">;
  /** Whom none of them meets, by the number of changes when that was found. */
  readonly #clear = new WeakMap<Principal, number>();
  #changes = 0;
  #size = 0;

  constructor(all: readonly Revocation[], clock: Pick<Clock, "now">) {
    this.#clock = clock;
    for (const put of all) this.apply({ put });
  }

  get size(): number {
    return this.#size;
  }

  apply({ put, lift }: RevocationChange): void {
    if (put !== undefined) this.#byKind[put.kind].set(put.id, put);
    else this.#byKind[lift.kind].delete(lift.id);
    this.#changes += 1;
    this.#size = revocationKinds.reduce((sum, kind) => sum + this.#byKind[kind].size, 0);
  }

  /** Those that are over stay until they are pruned; they meet nobody. */
  all(): readonly Revocation[] {
    return revocationKinds.flatMap((kind) => [...this.#byKind[kind].values()]);
  }

  /** Why a principal, or one who acts for it, is not let in any more. */
  refusalOf(principal: Principal): Refusal | undefined {
    if (this.#size === 0 || this.#clear.get(principal) === this.#changes) return undefined;
    const met = this.#ofSomebody(principal);
    if (met !== undefined) return refusal(met);
    this.#clear.set(principal, this.#changes);
    return undefined;
  }

  #ofToken({ tokenId, tokenDigest }: Principal): Revocation | undefined {
    return this.#find("token", tokenId) ?? this.#find("token", tokenDigest);
  }

  /** A revoked agent acts for nobody, whoever sent the request. */
  #ofSomebody(principal: Principal): Revocation | undefined {
    for (let one: Principal | undefined = principal; one !== undefined; one = one.actor) {
      const { id, clientId, kind, subject } = one;
      const met =
        this.#ofToken(one) ??
        this.#find("principal", id) ??
        this.#find("client", clientId) ??
        (kind === "agent" ? this.#find("agent", clientId ?? subject) : undefined);
      if (met !== undefined) return met;
    }
    return undefined;
  }

  #find(kind: RevocationKind, id: string | undefined): Revocation | undefined {
    const found = id === undefined ? undefined : this.#byKind[kind].get(id);
    return found === undefined || (found.until !== null && this.#clock.now() >= found.until) ? undefined : found;
  }
}

function refusal({ kind, id, reason }: Revocation): Refusal {
  const detail = `${kind} ${id.slice(0, 128)}${reason === "" ? "" : `: ${reason}`}`;
  if (kind !== "token") return refuse("principal-revoked", { detail });
  const challenge = 'Bearer error="invalid_token", error_description="token-revoked"';
  return refuse("token-revoked", { detail, headers: ["WWW-Authenticate", challenge] });
}
