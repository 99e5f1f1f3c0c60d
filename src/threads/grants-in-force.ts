import { granteeOf } from "#model/access-requests.ts";
import type { Grant, GrantsOf } from "#model/grants.ts";
import type { Clock } from "#model/ports.ts";
import type { Principal } from "#model/principal.ts";

interface WithApprovals {
  readonly principal: Principal;
  readonly grants: readonly Grant[];
  /** When the first of them ends. */
  readonly until: number;
}

/**
 * Approvals in force, as one worker knows them: main tells of every change and bounds how many there are. Nothing is
 * asked of main on a request's way, and an approval ends by this worker's own clock even when main is busy.
 */
export class GrantsInForce {
  readonly #clock: Pick<Clock, "now">;
  readonly #byGrantee = new Map<string, readonly Grant[]>();
  /** A principal is made once for many requests; so is its copy with approvals. */
  readonly #known = new WeakMap<Principal, WithApprovals>();

  constructor(clock: Pick<Clock, "now">, first: readonly GrantsOf[]) {
    this.#clock = clock;
    this.set(first);
  }

  /** @returns whether anything was taken away from anybody */
  set(changes: readonly GrantsOf[]): boolean {
    let hasTaken = false;
    for (const { grantee, grants } of changes) {
      const before = this.#byGrantee.get(grantee) ?? [];
      hasTaken ||= before.some(
        (old) => !grants.some(({ approval, until }) => approval === old.approval && until >= old.until),
      );
      if (grants.length === 0) this.#byGrantee.delete(grantee);
      else this.#byGrantee.set(grantee, grants);
    }
    return hasTaken;
  }

  /** The principal with the names of the approvals that are in force for it now; itself when none is. */
  of(principal: Principal): Principal {
    if (this.#byGrantee.size === 0 || principal.kind === "anonymous") return principal;
    const grants = this.#byGrantee.get(granteeOf(principal));
    if (grants === undefined) return principal;
    const known = this.#known.get(principal);
    if (known !== undefined && known.grants === grants && this.#clock.now() < known.until) return known.principal;
    return this.#derive(principal, grants);
  }

  #derive(principal: Principal, grants: readonly Grant[]): Principal {
    const now = this.#clock.now();
    const live = grants.filter(({ until }) => until > now);
    if (live.length === 0) return principal;
    const approvals = Object.freeze(live.map(({ approval }) => approval));
    const derived: Principal = Object.freeze({ ...principal, approvals, grants: live });
    this.#known.set(principal, { principal: derived, grants, until: Math.min(...live.map(({ until }) => until)) });
    return derived;
  }
}
