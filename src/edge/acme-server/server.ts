import { Buffer } from "node:buffer";
import type { Log } from "#model/ports.ts";
import type { AcmeRequest, AcmeResponse } from "./acme-types.ts";
import { json } from "./answers.ts";
import { Accounts } from "./accounts.ts";
import { readAccountRequest } from "./account-requests.ts";
import { verifyRequest } from "./jws.ts";
import type { SignedRequest } from "./jws.ts";
import { createNameRules, type NameRules } from "./names.ts";
import { Nonces } from "./nonces.ts";
import { AcmeRefusal, malformed } from "./refusal.ts";
import { Orders } from "./orders.ts";
import { Revoked } from "./revoked.ts";
import type { AcmeServerOptions, AcmeServerSettings } from "./server-options.ts";
import type { ServerStore } from "./server-store.ts";

/** Speaks ACME to a team's own services. State is bounded and on disk; validations run beside the requests. */
export interface AcmeServer {
  handle(request: AcmeRequest): Promise<AcmeResponse>;
}

/** @param store with it a server goes on where another one with the same folder is still at work @see RFC 8555 */
export function createAcmeServer(options: AcmeServerOptions, store: ServerStore): AcmeServer {
  return new Server(options, store);
}

class Server implements AcmeServer {
  readonly #options: AcmeServerOptions;
  readonly #accounts: Accounts;
  readonly #orders: Orders;
  readonly #revoked: Revoked;
  readonly #nonces: Nonces;

  constructor(options: AcmeServerOptions, store: ServerStore) {
    this.#options = options;
    this.#nonces = new Nonces(options.random);
    this.#accounts = new Accounts(options, store);
    this.#orders = new Orders({ ...options, store, rulesOf: rulesBy(options.settings) });
    this.#revoked = new Revoked(options, store, this.#accounts);
  }

  /** Never throws: what goes wrong is a problem document. */
  async handle(request: AcmeRequest): Promise<AcmeResponse> {
    try {
      return this.#withNonce(request, await this.#answer(request));
    } catch (error) {
      return this.#withNonce(request, problemOf(error, this.#options.log));
    }
  }

  async #answer(request: AcmeRequest): Promise<AcmeResponse> {
    const { method, path, base } = request;
    if (path === "/directory" && (method === "GET" || method === "HEAD")) return this.#directory(base);
    if (path === "/new-nonce" && (method === "GET" || method === "HEAD")) {
      return { status: method === "HEAD" ? 200 : 204, headers: ["Cache-Control", "no-store"], body: "" };
    }
    const list = /^\/crl\/([0-9a-f]{40})\.crl$/.exec(path)?.[1];
    if (list !== undefined && (method === "GET" || method === "HEAD")) return this.#revoked.list(list);
    if (method !== "POST") throw malformed("resources are read with POST", 405);
    return this.#post(request);
  }

  async #post(request: AcmeRequest): Promise<AcmeResponse> {
    if (request.contentType.split(";", 1)[0]?.trim().toLowerCase() !== "application/jose+json") {
      throw malformed("the content type is not application/jose+json", 415);
    }
    const signed = await verifyRequest(Buffer.from(request.body).toString("utf8"), {
      url: `${request.base}${request.path}`,
      spend: (nonce) => this.#nonces.spend(nonce),
      keyOf: (kid) => this.#accounts.at(request.base, kid).key,
    });
    return this.#resource(request, signed);
  }

  async #resource({ base, path }: AcmeRequest, signed: SignedRequest): Promise<AcmeResponse> {
    const [, kind = "", id = "", action = "", after = ""] =
      /^\/([a-z-]+)(?:\/([A-Za-z0-9_-]+))?(?:\/([a-z0-9-]+))?(?:\/([0-9a-f]{32}))?$/.exec(path) ?? [];
    const [accounts, orders] = [this.#accounts, this.#orders];
    if (path === "/new-account")
      return accounts.create(base, await readAccountRequest(base, signed, this.#options.settings));
    if (path === "/revoke-cert") return this.#revoked.revoke(base, signed);
    if (signed.kid === null) throw malformed("sign this with kid, the URL of your account");
    const account = accounts.at(base, signed.kid);
    if (path === "/new-order") return orders.newOrder(base, account, signed.payload);
    if (path === "/key-change") return accounts.changeKey(base, account, signed.payload);
    if (kind === "account" && action === "orders") return orders.list(base, account, id, after);
    if (after !== "") throw malformed("there is no such resource", 404);
    if (kind === "account" && action === "") return accounts.update(base, account, id, signed.payload);
    if (kind === "order" && action === "") return orders.showOrder(base, account, id);
    if (kind === "order" && action === "finalize") return orders.finalize(base, account, id, signed.payload);
    if (kind === "authz" && action === "") return orders.showAuthorization(base, account, id);
    if (kind === "chall") return orders.challenge(base, account, id, action, signed.payload);
    if (kind === "cert" && action === "") return orders.certificate(account, id);
    throw malformed("there is no such resource", 404);
  }

  #directory(base: string): AcmeResponse {
    const { externalAccounts } = this.#options.settings;
    return json(200, {
      newNonce: `${base}/new-nonce`,
      newAccount: `${base}/new-account`,
      newOrder: `${base}/new-order`,
      revokeCert: `${base}/revoke-cert`,
      keyChange: `${base}/key-change`,
      meta: { externalAccountRequired: externalAccounts.length > 0 },
    });
  }

  #withNonce({ method, path, base }: AcmeRequest, response: AcmeResponse): AcmeResponse {
    if (path.startsWith("/crl/")) return response;
    const headers = [...response.headers, "Link", `<${base}/directory>;rel="index"`, "Cache-Control", "no-store"];
    if (method !== "GET" || path === "/new-nonce") headers.push("Replay-Nonce", this.#nonces.issue());
    return { ...response, headers };
  }
}

function problemOf(error: unknown, log: Log): AcmeResponse {
  const known =
    error instanceof AcmeRefusal
      ? error
      : new AcmeRefusal("serverInternal", 500, "the request could not be carried out");
  if (known !== error) log.error("ACME server: a request failed", { error: String(error) });
  const { problem } = known;
  return {
    status: problem.status,
    headers: ["Content-Type", "application/problem+json"],
    body: JSON.stringify(problem),
  };
}

/** By the external account that an account is bound to. */
function rulesBy({ allow, externalAccounts }: AcmeServerSettings): (binding: string | null) => NameRules | undefined {
  const own = createNameRules(allow);
  const byName = new Map(
    externalAccounts.map((one) => [one.name, one.allow === null ? own : createNameRules(one.allow)]),
  );
  // A binding that the definition has dropped is worth nothing any more, and neither is none where one is due.
  return (binding) => (binding === null ? (externalAccounts.length === 0 ? own : undefined) : byName.get(binding));
}
