import type { OwnerFacts, SubscriptionDetails } from "#model/ports.ts";
import { anonymous, type Principal } from "#model/principal.ts";
import { noStrings } from "./claim-values.ts";
import { principalId } from "./principal-id.ts";

/** Issuer of this gateway's own users. No provider can have it: theirs are URLs. */
export const usersIssuer = "urn:sallyport:users";

/** A key that belongs to nobody may be shared by many: it names a subscription and no principal. */
const nobody: Principal = Object.freeze({ ...anonymous, authMethod: "subscription-key" });

/** One object for all uses of what is known of a user, as the record's and others' memory of principals expect. */
const known = new WeakMap<OwnerFacts, Principal>();

/** Who a request by a subscription's key is from: the user whom the subscription belongs to, if it has an owner. */
export function keyHolder(details: SubscriptionDetails | undefined): Principal {
  const owner = details?.owner() ?? null;
  if (owner === null) return nobody;
  let principal = known.get(owner);
  if (principal === undefined) known.set(owner, (principal = toPrincipal(owner)));
  return principal;
}

function toPrincipal({ id, email, firstName, lastName, groups }: OwnerFacts): Principal {
  const displayName = `${firstName} ${lastName}`.trim();
  return Object.freeze({
    id: principalId(usersIssuer, "", id),
    kind: "user",
    issuer: usersIssuer,
    subject: id,
    groups: Object.freeze(groups.map((group) => group.id)),
    roles: noStrings,
    scopes: noStrings,
    authMethod: "subscription-key",
    ...(displayName === "" ? {} : { displayName }),
    ...(email === "" ? {} : { email }),
    claims: anonymous.claims,
  } satisfies Principal);
}
