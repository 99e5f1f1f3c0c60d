import { parseAllowedName, parseSpiffeId } from "#config/checks/certificate-names.ts";
import { parseNetwork } from "#config/checks/words.ts";
import { oneOrMore } from "#config/shapes/list.ts";
import { duration } from "#config/shapes/numbers.ts";
import { object, type ObjectShape } from "#config/shapes/object.ts";
import { type Named, record } from "#config/shapes/record.ts";
import { type SecretSource, secret } from "#config/shapes/secret.ts";
import { text } from "#config/shapes/text.ts";

export interface ExternalAccountInput {
  readonly key: SecretSource | undefined;
  readonly allow: readonly string[] | undefined;
  readonly spiffeId: string | undefined;
}

export interface AcmeServerInput {
  readonly allow: readonly string[];
  readonly lifetime: number;
  readonly dial: readonly string[] | undefined;
  readonly externalAccounts: readonly Named<ExternalAccountInput>[];
}

const minute = 60_000;
const hour = 60 * minute;
const names = oneOrMore(text("a name that certificates may be for", parseAllowedName));

const accountShape = object<ExternalAccountInput>("an external account", {
  key: { shape: secret, about: "HMAC key, base64url, at least 16 bytes.", required: true },
  allow: { shape: names, about: "Names that its certificates may be for; the server's when absent." },
  spiffeId: {
    shape: text("a SPIFFE ID", parseSpiffeId),
    about: "URI that stands in each of its certificates: spiffe://trust-domain/path.",
  },
});

export const acmeServerShape: ObjectShape<AcmeServerInput> = object<AcmeServerInput>("acmeServer", {
  allow: {
    shape: names,
    about: "Names that certificates may be for: host names, *. for one label, **. for any number, addresses, ranges.",
    default: [],
  },
  lifetime: { shape: duration(5 * minute, 120 * hour), about: "How long certificates are valid.", default: 12 * hour },
  dial: {
    shape: oneOrMore(text("an IP address or range", parseNetwork)),
    about: "Addresses that a validation may dial; all but loopback, link-local and metadata services when absent.",
  },
  externalAccounts: {
    shape: record("external accounts", accountShape),
    about: "Accounts by key id; with at least one, an ACME account must be bound to one of them.",
    default: [],
  },
});
