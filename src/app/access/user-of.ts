import { usersIssuer } from "#identity/key-holder.ts";
import type { Principal } from "#model/principal.ts";
import type { KnownUser } from "#products/access-requests.ts";
import type { Async, UserStore } from "#storage/interfaces.ts";

/** The user of the directory that a principal is, by its provider; null: none. */
export async function userOf(
  { provider, issuer, subject }: Principal,
  users: Pick<Async<UserStore>, "byIdentity" | "get">,
): Promise<KnownUser | null> {
  const found =
    issuer === usersIssuer ? await users.get(subject) : provider && (await users.byIdentity(provider, subject));
  return found ? { id: found.id, isActive: found.state === "active" } : null;
}
