import { answeredClient } from "#model/body.ts";
import { type Refusal, refuse } from "#model/decision.ts";
import { type BasicAccess, basicIssuer, type BasicUser, type BasicUsers } from "#model/basic-users.ts";
import type { Exchange } from "#model/exchange.ts";
import { anonymous, type Principal } from "#model/principal.ts";
import { basicChallenge } from "#identity/challenges.ts";
import { crossSiteDoubt } from "#identity/login/cross-site.ts";
import { principalId } from "#identity/principal-id.ts";
import { basicCredentials } from "./credentials.ts";
import type { PasswordChecks, PasswordVerdict } from "./password-checks.ts";

type Judged = Refusal | undefined;

/** Users with passwords, of the APIs that take them. */
export class BasicAuthenticator {
  readonly #checks: Pick<PasswordChecks, "check">;
  #lists: ReadonlyMap<string, BasicUsers> = new Map();
  #principals = new WeakMap<BasicUser, Principal>();

  constructor(checks: Pick<PasswordChecks, "check">, lists: readonly BasicUsers[]) {
    this.#checks = checks;
    this.use(lists);
  }

  use(lists: readonly BasicUsers[]): void {
    this.#lists = new Map(lists.map((list) => [list.name, list]));
    this.#principals = new WeakMap();
  }

  /** @returns null: it is not for this API to judge, or of another scheme */
  authenticate(exchange: Exchange, authorization: string): Judged | Promise<Judged> | null {
    const access = exchange.api?.basic;
    const list = access === undefined ? undefined : this.#lists.get(access.users);
    if (access === undefined || list === undefined) return null;
    const credentials = basicCredentials(authorization);
    if (credentials === undefined) return null;
    if (!access.forward) removeAuthorization(exchange);
    if (credentials === null) return this.#judge({ ok: false, reason: "password-invalid" }, exchange, list, access);
    const address = exchange.client === answeredClient ? null : exchange.facts.clientAddress;
    const verdict = this.#checks.check(list, credentials, address);
    if (!(verdict instanceof Promise)) return this.#judge(verdict, exchange, list, access);
    return verdict.then((late) => this.#judge(late, exchange, list, access));
  }

  #judge(verdict: PasswordVerdict, exchange: Exchange, list: BasicUsers, { wrong, realm }: BasicAccess): Judged {
    if (verdict.ok) {
      const doubt = doubtOf(exchange);
      if (doubt === null) exchange.principal = this.#principalOf(list, verdict.user);
      else if (wrong === "refuse") return refuse("cross-site-request", { detail: doubt });
      else exchange.identityNote = "cross-site-request";
      return undefined;
    }
    if (wrong === "refuse") return refusalOf(verdict, list, realm);
    exchange.identityNote = verdict.reason;
    return undefined;
  }

  /** One object for all requests of a user, as the record's and the header's memory of principals expect. */
  #principalOf(list: BasicUsers, user: BasicUser): Principal {
    let principal = this.#principals.get(user);
    if (principal === undefined) this.#principals.set(user, (principal = toPrincipal(list, user)));
    return principal;
  }
}

/**
 * A browser that has been told a password sends it along with what any page has it send, as it does with a cookie. Programs
 * say nothing of where they are, and send nothing by themselves.
 */
function doubtOf({ facts }: Exchange): string | null {
  const { headers } = facts;
  const isBrowser = headers.has("sec-fetch-site") || headers.has("origin");
  return isBrowser ? crossSiteDoubt(facts) : null;
}

function toPrincipal({ name: list }: BasicUsers, { name, groups }: BasicUser): Principal {
  const issuer = basicIssuer(list);
  return Object.freeze({
    ...anonymous,
    id: principalId(issuer, "", name),
    kind: "user",
    issuer,
    subject: name,
    groups: Object.freeze([...groups]),
    authMethod: "basic",
  } satisfies Principal);
}

/** Whether it is the user or the password is nobody's business. */
function refusalOf(verdict: Exclude<PasswordVerdict, { ok: true }>, { name }: BasicUsers, realm: string): Refusal {
  const { reason } = verdict;
  if (reason === "password-invalid") return refuse(reason, { headers: basicChallenge(realm), detail: `of ${name}` });
  if (reason === "password-check-unavailable") return refuse(reason, { detail: verdict.detail });
  const seconds = String(Math.ceil(verdict.waitMs / 1000));
  return refuse(reason, { headers: ["Retry-After", seconds], detail: `of ${name}: again in ${seconds} s` });
}

/** The password is for this gateway; a backend that learned it could be anybody's who uses it elsewhere. */
function removeAuthorization({ facts, request }: Exchange): void {
  // The draft starts with the list the edge received, which is the record's.
  if (request.headers === facts.headers) request.headers = request.headers.clone();
  request.headers.delete("authorization");
}
