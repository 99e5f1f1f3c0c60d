import { bodyOf } from "#cli/admin/answers.ts";
import { type AdminOptions, askGateway } from "#cli/admin/connection.ts";
import type { Definition } from "#model/definition.ts";
import type { Principal } from "#model/principal.ts";
import { PrincipalProblem } from "#app/access/principal-file.ts";
import { type KnownUser, principalOfUser } from "#app/access/principal-of-user.ts";

/**
 * A user of the running gateway's directory as a principal: with its groups there, and as its identity at a provider of
 * the definition, where it has one.
 * @throws PrincipalProblem, AdminFailure
 */
export async function knownUser(id: string, options: AdminOptions, definition: Definition): Promise<Principal> {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/.test(id)) {
    throw new PrincipalProblem(`${id} is neither a file nor the id of a user`);
  }
  const user = bodyOf<KnownUser>(await askGateway(options, "GET", `/users/${encodeURIComponent(id)}`));
  return principalOfUser(user, definition.providers);
}
