import { principalId } from "#identity/principal-id.ts";
import type { Provider } from "#model/definition.ts";
import { anonymous, type Principal } from "#model/principal.ts";

/** A user of the directory, as the admin API shows one. */
export interface KnownUser {
  readonly id: string;
  readonly email: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly groups: readonly string[];
  readonly identities: readonly { readonly provider: string; readonly id: string }[];
}

/** As its identity at the first provider of the definition where it has one, with its groups in the directory. */
export function principalOfUser(user: KnownUser, providers: readonly Provider[]): Principal {
  const provider = providers.find(({ name }) => user.identities.some((one) => one.provider === name));
  const subject = user.identities.find((one) => one.provider === provider?.name)?.id ?? user.id;
  const issuer = provider?.issuer ?? "";
  return Object.freeze({
    ...anonymous,
    id: principalId(issuer, "", subject),
    kind: "user",
    issuer,
    subject,
    email: user.email,
    displayName: `${user.firstName} ${user.lastName}`.trim(),
    groups: user.groups,
    authMethod: "token",
    ...(provider === undefined ? {} : { provider: provider.name }),
  });
}
