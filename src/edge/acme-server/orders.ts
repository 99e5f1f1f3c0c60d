import { Buffer } from "node:buffer";
import type { Account, AcmeResponse, Authorization, ChallengeType, Order } from "./acme-types.ts";
import { readRequest } from "./csr.ts";
import type { SignedRequest } from "./jws.ts";
import { type NameRules, readIdentifiers } from "./names.ts";
import { newId } from "./new-id.ts";
import { statusOf } from "./order-status.ts";
import { AcmeRefusal, malformed } from "./refusal.ts";
import { json } from "./answers.ts";
import type { AcmeServerOptions } from "./server-options.ts";
import { clearListUrl } from "#edge/list-place.ts";
import type { ServerStore } from "./server-store.ts";

type Payload = SignedRequest["payload"];

export interface OrdersOptions extends AcmeServerOptions {
  readonly store: ServerStore;
  /** Undefined: such an account may nothing. */
  readonly rulesOf: (binding: string | null) => NameRules | undefined;
}

const hour = 3_600_000;
const ordersAtOnce = 50;
const orderLifetime = 24 * hour;
const challengeTypes: readonly ChallengeType[] = ["http-01", "tls-alpn-01"];

/** Orders and what belongs to them. Whoever asks is known by now, and sees only what is theirs. */
export class Orders {
  readonly #options: OrdersOptions;
  readonly #store: ServerStore;

  constructor(options: OrdersOptions) {
    this.#options = options;
    this.#store = options.store;
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
      id: newId(this.#options.random),
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

  /** @param after the last order of the page before; empty: the first page @see RFC 8555 §7.1.2.1 */
  list(base: string, account: Account, id: string, after: string): AcmeResponse {
    if (id !== account.id) throw new AcmeRefusal("unauthorized", 403, "this is another account");
    const now = this.#options.clock.now();
    const all = this.#store.ordersOf(id, (order) => statusOf(order, now) !== "invalid");
    const rest = all.filter((order) => order.id > after);
    const page = rest.slice(0, ordersAtOnce);
    const more = `<${base}/account/${id}/orders/${page.at(-1)?.id}>;rel="next"`;
    const orders = page.map((order) => `${base}/order/${order.id}`);
    return json(200, { orders }, rest.length > page.length ? ["Link", more] : []);
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
    const listsOf = listsAt(base, settings.hosts, this.#options.clearPort());
    const issued = await issuer.issueFor(names, publicKey, settings.lifetimeMs, listsOf);
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
}

/**
 * A name that nobody but the client vouches for stands in no certificate. Over clear HTTP first, where it is had: that is
 * all that many programs fetch, and a list proves itself by its signature.
 */
function listsAt(
  base: string,
  hosts: readonly string[],
  clearPort: number | null,
): (issuer: string) => readonly string[] {
  const { hostname } = new URL(base);
  if (!hosts.includes(hostname)) return () => [];
  return (issuer) => [
    ...(clearPort === null ? [] : [clearListUrl(hostname, clearPort, issuer)]),
    `${base}/crl/${issuer}.crl`,
  ];
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
