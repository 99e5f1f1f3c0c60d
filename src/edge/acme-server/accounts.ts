import type { Account, AcmeResponse } from "./acme-types.ts";
import { type AccountRequest, readContact } from "./account-requests.ts";
import { json } from "./answers.ts";
import { isObject, type SignedRequest, thumbprintOf, verifyInner } from "./jws.ts";
import { newId } from "./new-id.ts";
import { AcmeRefusal, malformed } from "./refusal.ts";
import type { AcmeServerOptions } from "./server-options.ts";
import type { ServerStore } from "./server-store.ts";

type Payload = SignedRequest["payload"];

/** Accounts with their keys. @see RFC 8555 §7.3 */
export class Accounts {
  readonly #options: AcmeServerOptions;
  readonly #store: ServerStore;

  constructor(options: AcmeServerOptions, store: ServerStore) {
    this.#options = options;
    this.#store = store;
  }

  /** @throws AcmeRefusal */
  at(base: string, kid: string): Account {
    const prefix = `${base}/account/`;
    const account = kid.startsWith(prefix) ? this.#store.accounts.get(kid.slice(prefix.length)) : undefined;
    if (account === undefined) throw new AcmeRefusal("accountDoesNotExist", 400, "there is no such account");
    if (account.status !== "valid") throw new AcmeRefusal("unauthorized", 401, "the account is deactivated");
    return account;
  }

  async create(base: string, request: AccountRequest): Promise<AcmeResponse> {
    const known = this.#store.accountOf(request.thumbprint);
    if (known?.status === "deactivated") throw new AcmeRefusal("unauthorized", 401, "the account is deactivated");
    if (known !== undefined) return this.#showAccount(base, known, 200);
    if (request.onlyExisting) throw new AcmeRefusal("accountDoesNotExist", 400, "there is no account with this key");
    const { key, thumbprint, contact, binding } = request;
    if (binding === undefined) {
      throw new AcmeRefusal("externalAccountRequired", 403, "send the binding to an external account");
    }
    const createdAt = this.#options.clock.now();
    const account: Account = {
      id: newId(this.#options.random),
      key,
      thumbprint,
      contact,
      binding,
      createdAt,
      status: "valid",
    };
    await this.#store.addAccount(account);
    this.#options.log.info("ACME server: new account", { account: account.id, externalAccount: binding });
    return this.#showAccount(base, account, 201);
  }

  async update(base: string, account: Account, id: string, payload: Payload): Promise<AcmeResponse> {
    if (id !== account.id) throw new AcmeRefusal("unauthorized", 403, "this is another account");
    if (payload?.["status"] === "deactivated") account.status = "deactivated";
    if (payload?.["contact"] !== undefined) account.contact = readContact(payload["contact"]);
    await this.#store.saveAccount(account);
    return this.#showAccount(base, account, 200);
  }

  /**
   * Puts another key in the place of the account's. Both have signed: the old one the request, the new one what is in it.
   *
   * @see RFC 8555 §7.3.5
   */
  async changeKey(base: string, account: Account, payload: Payload): Promise<AcmeResponse> {
    const { payload: change, jwk } = await verifyInner(payload, `${base}/key-change`);
    const { account: url, oldKey } = change;
    if (url !== `${base}/account/${account.id}`) throw malformed("the inner JWS is about another account");
    if (!isObject(oldKey) || (await printOf(oldKey)) !== account.thumbprint) {
      throw malformed("oldKey is not the key of the account");
    }
    const thumbprint = await thumbprintOf(jwk);
    const holder = this.#store.accountOf(thumbprint);
    if (holder !== undefined) return inUse(`${base}/account/${holder.id}`);
    const before = { key: account.key, thumbprint: account.thumbprint };
    // At once, so that nobody else gets the key meanwhile; and as before when it cannot be kept.
    Object.assign(account, { key: jwk, thumbprint });
    try {
      await this.#store.saveAccount(account);
    } catch (error) {
      Object.assign(account, before);
      throw error;
    }
    this.#options.log.info("ACME server: an account has another key", { account: account.id });
    return this.#showAccount(base, account, 200);
  }

  #showAccount(base: string, { id, status, contact }: Account, code: number): AcmeResponse {
    const url = `${base}/account/${id}`;
    return json(code, { status, contact, orders: `${url}/orders` }, ["Location", url]);
  }
}

function inUse(url: string): AcmeResponse {
  const { problem } = malformed("the new key is the key of an account already", 409);
  return { ...json(409, problem), headers: ["Content-Type", "application/problem+json", "Location", url] };
}

async function printOf(key: object): Promise<string> {
  return thumbprintOf(key as Parameters<typeof thumbprintOf>[0]).catch(() => "");
}
