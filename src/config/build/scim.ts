import type { ScimProvider } from "#model/scim.ts";
import type { Problems } from "#notation/problems.ts";
import type { Resources } from "#config/resources.ts";
import type { Named } from "#config/shapes/record.ts";
import type { ProviderInput } from "#config/table/identity.ts";

/** Whoever guesses the token makes users of this gateway: 32 characters at least. */
const token = /^[\x21-\x7e]{32,512}$/;

export function buildScim(
  providers: readonly Named<ProviderInput>[],
  { secrets }: Resources,
  problems: Problems,
): readonly ScimProvider[] {
  return providers.flatMap(({ name, value: { scim } }) => {
    const secret = scim?.token === undefined ? undefined : secrets.get(scim.token);
    if (scim === undefined || scim.token === undefined || secret === undefined) return [];
    if (!token.test(secret.reveal())) {
      const message = `the SCIM token of ${name} from ${secret.origin} is shorter than 32 characters, or no plain text`;
      problems.error("scim-token-weak", scim.token.at, message, "make one: openssl rand -hex 32");
    }
    return [{ provider: name, token: secret, subject: scim.subject }];
  });
}
