import type { JWK } from "jose";
import { isObject, type SignedRequest, thumbprintOf, verifyBinding } from "./jws.ts";
import { AcmeRefusal, malformed } from "./refusal.ts";
import type { AcmeServerSettings } from "./server-options.ts";

export interface AccountRequest {
  readonly key: JWK;
  readonly thumbprint: string;
  readonly contact: readonly string[];
  readonly onlyExisting: boolean;
  /** Undefined: none was sent where one is due. */
  readonly binding: string | null | undefined;
}

/** @throws AcmeRefusal @see RFC 8555 §7.3 */
export async function readAccountRequest(
  base: string,
  { jwk, payload }: SignedRequest,
  { externalAccounts }: AcmeServerSettings,
): Promise<AccountRequest> {
  if (jwk === null || payload === null) throw malformed("a new account is signed with its own key, in jwk");
  const { contact = [], onlyReturnExisting, externalAccountBinding } = payload;
  return {
    key: jwk,
    thumbprint: await thumbprintOf(jwk),
    contact: readContact(contact),
    onlyExisting: onlyReturnExisting === true,
    binding: await readBinding(externalAccountBinding, jwk, `${base}/new-account`, externalAccounts),
  };
}

async function readBinding(
  sent: unknown,
  key: JWK,
  url: string,
  accounts: AcmeServerSettings["externalAccounts"],
): Promise<string | null | undefined> {
  if (accounts.length === 0) return null;
  if (!isObject(sent)) return undefined;
  return verifyBinding(sent, key, url, (kid) => accounts.find(({ name }) => name === kid)?.key);
}

export function readContact(value: unknown): readonly string[] {
  const isGood = Array.isArray(value) && value.length <= 5 && value.every(isContact);
  if (!isGood) throw new AcmeRefusal("malformed", 400, "contact is a list of at most five mailto: addresses");
  return value as readonly string[];
}

function isContact(item: unknown): boolean {
  return typeof item === "string" && item.length <= 256 && /^mailto:[\x21-\x7e]+$/.test(item);
}
