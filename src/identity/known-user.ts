import { type Refusal, refuse } from "#model/decision.ts";
import type { ProviderUsers } from "#model/definition.ts";
import type { Exchange } from "#model/exchange.ts";
import type { OwnerFacts, UserLookup } from "#model/ports.ts";
import type { Principal } from "#model/principal.ts";

export interface KnownUserPorts {
  readonly users: UserLookup;
  /** Somebody came whom the directory does not know, or not so. Cheap, and may be called again and again. */
  readonly onSeen: (principal: Principal) => void;
}

/** Who is settled: an exchange, or whoever main asks about. */
export type Settled = Pick<Exchange, "principal" | "user">;

/**
 * Finds the user that a person or client of a provider is here. Who is blocked is refused whatever the token says; the
 * groups are those of the directory where the provider's settings say so: a token may be hours old.
 *
 * @param rules by name of the provider
 */
export function settleUser(
  exchange: Settled,
  rules: ReadonlyMap<string, ProviderUsers>,
  { users, onSeen }: KnownUserPorts,
): Refusal | undefined {
  const { principal } = exchange;
  const { provider, actor } = principal;
  const refusal = actor === undefined ? undefined : blockedActor(actor, users);
  if (refusal !== undefined || provider === undefined) return refusal;
  const user = users.findIdentity(keyOf(principal, provider, users));
  const rule = rules.get(provider);
  if (user === null) {
    if (rule?.required === true)
      return refuse("user-unknown-here", { detail: `no user of ${provider} for ${principal.id}` });
    if (rule?.provision === true) onSeen(principal);
    return undefined;
  }
  if (user.state !== "active") return refuse("user-blocked", { detail: `user ${user.id} is ${user.state}` });
  exchange.user = user;
  if (rule === undefined) return undefined;
  if (rule.provision && !isSame(user, principal)) onSeen(principal);
  if (rule.groups === "directory") exchange.principal = withGroups(principal, user);
  return undefined;
}

/** Who acts by a token of its own may be a user here too, and is known by its provider as a caller is. */
function blockedActor(outermost: Principal, users: UserLookup): Refusal | undefined {
  for (let one: Principal | undefined = outermost; one !== undefined; one = one.actor) {
    const user = one.provider === undefined ? null : users.findIdentity(keyOf(one, one.provider, users));
    if (user !== null && user.state !== "active") {
      return refuse("user-blocked", { detail: `user ${user.id}, who acts, is ${user.state}` });
    }
  }
  return undefined;
}

const keys = new WeakMap<Principal, Uint8Array>();

function keyOf(principal: Principal, provider: string, users: UserLookup): Uint8Array {
  let key = keys.get(principal);
  if (key === undefined) keys.set(principal, (key = users.identityKey(provider, principal.subject)));
  return key;
}

interface Derived {
  readonly user: OwnerFacts;
  readonly principal: Principal;
}

const derived = new WeakMap<Principal, Derived>();

/** One object as long as neither the token nor the user changes: much is remembered by principal. */
function withGroups(principal: Principal, user: OwnerFacts): Principal {
  const known = derived.get(principal);
  if (known?.user === user) return known.principal;
  const made = Object.freeze({ ...principal, groups: Object.freeze(user.groups.map(({ id }) => id)) });
  derived.set(principal, { user, principal: made });
  return made;
}

const compared = new WeakMap<Principal, OwnerFacts>();

/** Compared once for each token and each change of the user. */
function isSame(user: OwnerFacts, principal: Principal): boolean {
  if (compared.get(principal) === user) return true;
  compared.set(principal, user);
  const { email, displayName } = principal;
  const name = [user.firstName, user.lastName].filter((one) => one !== "").join(" ");
  return (email === undefined || email === user.email) && (displayName === undefined || displayName === name);
}
