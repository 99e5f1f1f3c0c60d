import { Buffer } from "node:buffer";
import { X509Certificate } from "node:crypto";
import type { Account, AcmeResponse, Authorization, ChallengeType, Order } from "./acme-types.ts";
import type { AccountRequest } from "./account-requests.ts";
import { readContact } from "./account-requests.ts";
import { readRequest } from "./csr.ts";
import type { SignedRequest } from "./jws.ts";
import { isObject, thumbprintOf, verifyInner } from "./jws.ts";
import { type NameRules, readIdentifiers } from "./names.ts";
import { AcmeRefusal, malformed } from "./refusal.ts";
import { json } from "./answers.ts";
import type { AcmeServerOptions } from "./server-options.ts";
import type { ServerStore } from "./server-store.ts";

type Payload = SignedRequest["payload"];

export interface ResourcesOptions extends AcmeServerOptions {
  readonly store: ServerStore;
  /** Undefined: such an account may nothing. */
  readonly rulesOf: (binding: string | null) => NameRules | undefined;
}

const hour = 3_600_000;
const orderLifetime = 24 * hour;
const ordersAtOnce = 50;
/** A revocation is to be seen soon. */
const listCaching = "max-age=300";
const challengeTypes: readonly ChallengeType[] = ["http-01", "tls-alpn-01"];

/** Accounts, orders and what belongs to them. Whoever asks is known by now, and sees only what is theirs. */
export class Resources {
  readonly #options: ResourcesOptions;
  readonly #store: ServerStore;

  constructor(options: ResourcesOptions) {
    this.#options = options;
    this.#store = options.store;
  }

  /** @throws AcmeRefusal */
  accountAt(base: string, kid: string): Account {
    const prefix = `${base}/account/`;
    const account = kid.startsWith(prefix) ? this.#store.accounts.get(kid.slice(prefix.length)) : undefined;
    if (account === undefined) throw new AcmeRefusal("accountDoesNotExist", 400, "there is no such account");
    if (account.status !== "valid") throw new AcmeRefusal("unauthorized", 401, "the account is deactivated");
    return account;
  }

  async newAccount(base: string, request: AccountRequest): Promise<AcmeResponse> {
    const known = this.#store.accountOf(request.thumbprint);
    if (known?.status === "deactivated") throw new AcmeRefusal("unauthorized", 401, "the account is deactivated");
    if (known !== undefined) return this.#showAccount(base, known, 200);
    if (request.onlyExisting) throw new AcmeRefusal("accountDoesNotExist", 400, "there is no account with this key");
    const { key, thumbprint, contact, binding } = request;
    if (binding === undefined) {
      throw new AcmeRefusal("externalAccountRequired", 403, "send the binding to an external account");
    }
    const createdAt = this.#options.clock.now();
    const account: Account = { id: this.#newId(), key, thumbprint, contact, binding, createdAt, status: "valid" };
    await this.#store.addAccount(account);
    this.#options.log.info("ACME server: new account", { account: account.id, externalAccount: binding });
    return this.#showAccount(base, account, 201);
  }

  async account(base: string, account: Account, id: string, payload: Payload): Promise<AcmeResponse> {
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

  /** @param after the last order of the page before; empty: the first page @see RFC 8555 §7.1.2.1 */
  listOrders(base: string, account: Account, id: string, after: string): AcmeResponse {
    if (id !== account.id) throw new AcmeRefusal("unauthorized", 403, "this is another account");
    const now = this.#options.clock.now();
    const all = this.#store.ordersOf(id, (order) => statusOf(order, now) !== "invalid");
    const rest = all.filter((order) => order.id > after);
    const page = rest.slice(0, ordersAtOnce);
    const more = `<${base}/account/${id}/orders/${page.at(-1)?.id}>;rel="next"`;
    const orders = page.map((order) => `${base}/order/${order.id}`);
    return json(200, { orders }, rest.length > page.length ? ["Link", more] : []);
  }

  #showAccount(base: string, { id, status, contact }: Account, code: number): AcmeResponse {
    const url = `${base}/account/${id}`;
    return json(code, { status, contact, orders: `${url}/orders` }, ["Location", url]);
  }

  async newOrder(base: string, account: Account, payload: Payload): Promise<AcmeResponse> {
    const identifiers = readIdentifiers(payload?.["identifiers"]);
    const rules = this.#options.rulesOf(account.binding);
    const refused = identifiers.find((identifier) => rules?.allows(identifier) !== true);
    if (refused !== undefined) {
      throw new AcmeRefusal("rejectedIdentifier", 403, `${refused.value} is not a name that this account may have`);
    }
    const now = this.#options.clock.now();
    const order: Order = {
      id: this.#newId(),
      account: account.id,
      expires: now + orderLifetime,
      authorizations: identifiers.map((identifier) => ({
        identifier,
        token: Buffer.from(this.#options.random.bytes(32)).toString("base64url"),
        status: "pending",
        chosen: null,
        problem: null,
        validatedAt: 0,
      })),
      chain: null,
      notAfter: 0,
      serial: "",
      revoked: false,
    };
    await this.#store.addOrder(order, now);
    return this.#order(base, order, 201);
  }

  showOrder(base: string, account: Account, id: string): AcmeResponse {
    return this.#order(base, this.#orderOf(account, id), 200);
  }

  #order(base: string, order: Order, status: number): AcmeResponse {
    const url = `${base}/order/${order.id}`;
    const shown = {
      status: statusOf(order, this.#options.clock.now()),
      expires: new Date(order.expires).toISOString(),
      identifiers: order.authorizations.map(({ identifier }) => identifier),
      authorizations: order.authorizations.map((_, at) => `${base}/authz/${order.id}_${at}`),
      finalize: `${url}/finalize`,
      ...(order.chain === null ? {} : { certificate: `${base}/cert/${order.id}` }),
    };
    return json(status, shown, ["Location", url]);
  }

  showAuthorization(base: string, account: Account, id: string): AcmeResponse {
    const { authorization, order } = this.#authorizationOf(account, id);
    const { identifier, status } = authorization;
    const expires = new Date(order.expires).toISOString();
    const challenges = challengeTypes
      .filter((type) => authorization.chosen === null || authorization.chosen === type)
      .map((type) => challengeOf(base, id, type, authorization));
    return json(200, { identifier, status, expires, challenges });
  }

  /** The client says that it is ready: the validation begins, and the client asks again for how it went. */
  async challenge(base: string, account: Account, id: string, type: string, payload: Payload): Promise<AcmeResponse> {
    const { authorization, order } = this.#authorizationOf(account, id);
    const chosen = challengeTypes.find((one) => one === type);
    if (chosen === undefined) throw malformed("there is no such challenge", 404);
    const isOpen = authorization.status === "pending" && statusOf(order, this.#options.clock.now()) === "pending";
    if (payload !== null && authorization.chosen === null && isOpen) {
      authorization.chosen = chosen;
      void this.#validate(order, authorization, chosen, account.thumbprint);
    }
    const up = `<${base}/authz/${id}>;rel="up"`;
    return json(200, challengeOf(base, id, chosen, authorization), ["Link", up, "Retry-After", "1"]);
  }

  async #validate(order: Order, authorization: Authorization, type: ChallengeType, thumbprint: string): Promise<void> {
    const { identifier, token } = authorization;
    const { validate, clock, log } = this.#options;
    try {
      await validate({ type, identifier, token, thumbprint });
      authorization.status = "valid";
      authorization.validatedAt = clock.now();
    } catch (error) {
      const failed = error instanceof AcmeRefusal ? error : new AcmeRefusal("serverInternal", 500, "validation failed");
      if (failed !== error) log.error("ACME server: validation failed", { error: String(error) });
      authorization.status = "invalid";
      authorization.problem = failed.problem;
    }
    await this.#store.saveOrder(order).catch((error: unknown) => {
      log.error("ACME server: an order could not be kept", { error: String(error) });
    });
  }

  async finalize(base: string, account: Account, id: string, payload: Payload): Promise<AcmeResponse> {
    const order = this.#orderOf(account, id);
    const { settings, issuer, clock, log, rulesOf } = this.#options;
    if (statusOf(order, clock.now()) !== "ready") throw new AcmeRefusal("orderNotReady", 403, "the order is not ready");
    const identifiers = order.authorizations.map(({ identifier }) => identifier);
    // What was allowed when the order was made may not be any more.
    const rules = rulesOf(account.binding);
    if (!identifiers.every((one) => rules?.allows(one) === true)) {
      throw new AcmeRefusal("rejectedIdentifier", 403, "the order holds a name that this account may not have");
    }
    const spiffeId = settings.externalAccounts.find(({ name }) => name === account.binding)?.spiffeId ?? null;
    const { publicKey } = await readRequest(payload?.["csr"], identifiers, spiffeId);
    const names = [...identifiers.map(({ value }) => value), ...(spiffeId === null ? [] : [spiffeId])];
    // Two requests at once make one certificate.
    if (order.chain !== null) return this.#order(base, order, 200);
    const listOf = listsAt(base, settings.hosts);
    const issued = await issuer.issueFor(names, publicKey, settings.lifetimeMs, listOf);
    order.chain = issued.chain;
    order.serial = issued.serial;
    order.notAfter = issued.notAfter;
    await this.#store.saveOrder(order);
    log.info("ACME server: certificate issued", { account: account.id, names, serial: issued.serial });
    return this.#order(base, order, 200);
  }

  certificate(account: Account, id: string): AcmeResponse {
    const { chain } = this.#orderOf(account, id);
    if (chain === null) throw malformed("there is no such certificate", 404);
    return { status: 200, headers: ["Content-Type", "application/pem-certificate-chain"], body: chain };
  }

  /** By the account that it was issued to, or by its own key. @see RFC 8555 §7.6 */
  async revoke(base: string, { kid, jwk, payload }: SignedRequest): Promise<AcmeResponse> {
    const certificate = readCertificate(payload?.["certificate"]);
    const reason = payload?.["reason"] ?? 0;
    if (typeof reason !== "number" || ![0, 1, 3, 4, 5].includes(reason)) {
      throw new AcmeRefusal("badRevocationReason", 400, "reason is one of 0, 1, 3, 4 and 5");
    }
    const order = [...this.#store.orders.values()].find(({ chain }) => chain !== null && isLeaf(chain, certificate));
    if (order === undefined) throw malformed("the certificate was not issued here, or has expired", 404);
    const own = kid === null ? await hasKey(certificate, jwk) : this.accountAt(base, kid).id === order.account;
    if (!own) throw new AcmeRefusal("unauthorized", 403, "the certificate belongs to somebody else");
    if (order.revoked) throw new AcmeRefusal("alreadyRevoked", 400, "the certificate is revoked already");
    await this.#options.issuer.revoke(order.chain ?? "", reason);
    order.revoked = true;
    await this.#store.saveOrder(order);
    this.#options.log.warn("ACME server: certificate revoked", { serial: order.serial, reason });
    return { status: 200, headers: [], body: "" };
  }

  /** For everybody: no account, no signature. @param issuer key identifier, hex */
  async revocationList(issuer: string): Promise<AcmeResponse> {
    const list = await this.#options.issuer.revocationList(issuer);
    if (list === null) throw malformed("there is no such list", 404);
    return { status: 200, headers: ["Content-Type", "application/pkix-crl", "Cache-Control", listCaching], body: list };
  }

  #orderOf(account: Account, id: string): Order {
    const order = this.#store.orders.get(id);
    if (order === undefined || order.account !== account.id) throw malformed("there is no such order", 404);
    return order;
  }

  #authorizationOf(account: Account, id: string): { readonly order: Order; readonly authorization: Authorization } {
    const at = id.lastIndexOf("_");
    const order = this.#orderOf(account, id.slice(0, at));
    const authorization = order.authorizations[Number(id.slice(at + 1))];
    if (authorization === undefined) throw malformed("there is no such authorization", 404);
    return { order, authorization };
  }

  #newId(): string {
    // Hex: a separator can follow it.
    return Buffer.from(this.#options.random.bytes(16)).toString("hex");
  }
}

function statusOf({ chain, authorizations, expires }: Order, now: number): "valid" | "invalid" | "ready" | "pending" {
  if (chain !== null) return "valid";
  if (now > expires || authorizations.some(({ status }) => status === "invalid")) return "invalid";
  return authorizations.every(({ status }) => status === "valid") ? "ready" : "pending";
}

/** A name that nobody but the client vouches for stands in no certificate. */
function listsAt(base: string, hosts: readonly string[]): ((issuer: string) => string) | null {
  return hosts.includes(new URL(base).hostname) ? (issuer) => `${base}/crl/${issuer}.crl` : null;
}

function inUse(url: string): AcmeResponse {
  const { problem } = malformed("the new key is the key of an account already", 409);
  return { ...json(409, problem), headers: ["Content-Type", "application/problem+json", "Location", url] };
}

async function printOf(key: object): Promise<string> {
  return thumbprintOf(key as Parameters<typeof thumbprintOf>[0]).catch(() => "");
}

function challengeOf(base: string, id: string, type: ChallengeType, authorization: Authorization): object {
  const { token, status, chosen, problem, validatedAt } = authorization;
  return {
    type,
    url: `${base}/chall/${id}/${type}`,
    token,
    status: status === "pending" && chosen === type ? "processing" : status,
    ...(validatedAt === 0 ? {} : { validated: new Date(validatedAt).toISOString() }),
    ...(problem === null ? {} : { error: problem }),
  };
}

function readCertificate(value: unknown): X509Certificate {
  try {
    if (typeof value === "string" && value.length < 16_384) return new X509Certificate(Buffer.from(value, "base64url"));
  } catch {
    // Said below.
  }
  throw malformed("certificate is not base64url of a certificate");
}

function isLeaf(chain: string, certificate: X509Certificate): boolean {
  return new X509Certificate(chain).fingerprint256 === certificate.fingerprint256;
}

async function hasKey(certificate: X509Certificate, jwk: SignedRequest["jwk"]): Promise<boolean> {
  if (jwk === null) return false;
  const own = certificate.publicKey.export({ format: "jwk" });
  return (await thumbprintOf(own as NonNullable<typeof jwk>)) === (await thumbprintOf(jwk));
}
