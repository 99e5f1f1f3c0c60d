import { settleUser, type Settled } from "#identity/known-user.ts";
import type { Revocations } from "#identity/revocations.ts";
import type { Party } from "#model/access-requests.ts";
import type { Refusal } from "#model/decision.ts";
import type { Provider } from "#model/definition.ts";
import type { OwnerFacts, UserLookup } from "#model/ports.ts";
import { anonymous, type Principal } from "#model/principal.ts";

/** Tells groups that nobody has looked up from those of the directory. */
const unknown: readonly string[] = Object.freeze([]);

export interface StandingOptions {
  readonly revocations: Pick<Revocations, "refusalOf">;
  readonly users: UserLookup & { find(id: string): OwnerFacts | null };
  /** Of the definition in force. */
  readonly providers: () => readonly Provider[];
  readonly onSeen: (principal: Principal) => void;
}

/**
 * How somebody stands at this gateway now, on main: what workers ask of every request, asked again wherever main itself
 * lets somebody do something. What was good when a session began or a token was made may have been taken back since.
 */
export class Standing {
  readonly #options: StandingOptions;

  constructor(options: StandingOptions) {
    this.#options = options;
  }

  /** Why somebody may do nothing here; else they have the groups of the directory, where their provider says so. */
  settle(who: Settled): Refusal | undefined {
    const { revocations, users, providers, onSeen } = this.#options;
    const refusal = revocations.refusalOf(who.principal);
    if (refusal !== undefined) return refusal;
    const rule = providers().find(({ name }) => name === who.principal.provider)?.users ?? null;
    const rules = new Map(rule === null ? [] : [[who.principal.provider ?? "", rule]]);
    return settleUser(who, rules, { users, onSeen });
  }

  /** Somebody whose word counts though they are not here; null: it does not any more. */
  readonly ofAbsent = (principal: Principal, user: string | null): Principal | null => {
    if (user !== null && this.#options.users.find(user)?.state !== "active") return null;
    const now = this.of(principal);
    return now.kind === "refusal" ? null : now;
  };

  /** The same of somebody of whom the store knows this much; with the groups of the directory where it decides. */
  readonly ofParty = (party: Party): { readonly groups: readonly string[] | null } | null => {
    const { id, kind, email, user, origin = { subject: "" } } = party;
    const then = { ...anonymous, id, kind, groups: unknown, ...origin, ...(email === "" ? {} : { email }) };
    const now = this.ofAbsent(then, user);
    return now && { groups: now.groups === unknown ? null : now.groups };
  };

  /** The principal as it stands now. */
  readonly of = (principal: Principal): Principal | Refusal => {
    const who: Settled = { principal, user: null };
    return this.settle(who) ?? who.principal;
  };
}
