import type { Secret } from "#model/secret.ts";
import { AcmeError, unusable } from "./problem.ts";
import type { AcmeSession } from "./session.ts";

/** A key of an account that one has with the authority already. @see RFC 8555 §7.3.4 */
export interface ExternalAccount {
  readonly keyId: string;
  /** Base64url. */
  readonly hmacKey: Secret;
}

export interface AccountOptions {
  readonly email: string | null;
  readonly binding: ExternalAccount | null;
}

/**
 * Finds the account of the session's key, or makes one (agreeing to the authority's terms). From then on the session
 * speaks in its name.
 *
 * @returns the account's URL
 * @see RFC 8555 §7.3
 */
export async function openAccount(session: AcmeSession, options: AccountOptions): Promise<string> {
  const { newAccount, needsBinding } = session.directory;
  const { email, binding } = options;
  if (needsBinding && binding === null) {
    const detail = "it wants an external account binding: write eab: { keyId, hmacKey } for this issuer";
    throw new AcmeError("making an account", { type: "externalAccountRequired", detail, status: 0 });
  }
  session.accountUrl = null;
  const answer = await session.post(
    newAccount,
    {
      termsOfServiceAgreed: true,
      ...(email === null ? {} : { contact: [`mailto:${email}`] }),
      ...(binding === null
        ? {}
        : { externalAccountBinding: await session.key.bind(binding.keyId, binding.hmacKey.reveal(), newAccount) }),
    },
    "making an account",
  );
  const url = answer.headers.get("location");
  if (url === undefined) throw unusable("the authority named no account");
  session.accountUrl = url;
  return url;
}
