import { Buffer } from "node:buffer";
import { type BegunLogin, type LoginState, resumeLogin } from "#identity/login/login-state.ts";
import type { OidcClient, TokenSet } from "#identity/login/oidc-client.ts";
import { type AskedPlace, providerTrouble } from "#identity/login/provider-trouble.ts";
import { OtherTenantError } from "#identity/login/tenant-exchange.ts";
import { claimsOf, firstContent, maxClaimCharacters, type SessionContent } from "#identity/login/session-content.ts";
import { sessionCookie, sessionDigest } from "#identity/login/session-id.ts";
import { sessionPrincipal, sessionSubject } from "#identity/login/session-principal.ts";
import type { Provider } from "#model/definition.ts";
import type { ReasonCode } from "#model/reasons.ts";
import type { Principal } from "#model/principal.ts";
import { tokenDigest } from "#model/token-digest.ts";
import type { SiteRequest, SiteResponse } from "#model/site.ts";
import { redirect } from "#site/page.ts";
import type { SitePorts } from "#site/ports.ts";
import { problem, refusedHere } from "#site/problem.ts";
import { setCookie } from "./cookies.ts";
import { currentSession } from "./current-session.ts";
import { ownAddress, ownPath } from "./own-address.ts";

/** `/callback`: back from the provider, with a code. Whatever does not fit is a page that says so, and a record. */
export async function callback(request: SiteRequest, ports: SitePorts): Promise<SiteResponse> {
  const state = new URLSearchParams(request.query).get("state") ?? "";
  const resumed = resumeLogin(state, request.cookies, ports.login.sealer, ports.clock.now());
  // Of another host as well: its session would be good there, and the browser asks here.
  if (resumed === null || resumed.facts.host !== request.host) {
    return problem(request, "login-expired", {
      detail: "the state is not one of this host, or too old",
      again: ownPath("/login"),
    });
  }
  const { facts, begun } = resumed;
  return begun === null ? notBegunHere(request, facts, ports) : finishInTurn(request, facts, begun, ports);
}

/**
 * Tabs that begin at once may lose a cookie to each other. Whoever is logged in by now goes on where they wanted to; else
 * this browser begins a login of its own, once: where it keeps no cookies, it would begin for ever.
 */
async function notBegunHere(
  request: SiteRequest,
  { back, provider, isSecond }: LoginState,
  ports: SitePorts,
): Promise<SiteResponse> {
  const found = await currentSession(request, ports);
  if (found?.kind === "refusal") return refusedHere(request, found);
  if (found !== null) return redirect(back);
  if (!isSecond) return redirect(ownPath("/login", { provider, return: back, second: "1" }));
  const again = ownPath("/login", { provider, return: back });
  return problem(request, "login-expired", { detail: "this browser has not begun it", again });
}

/** So many codes at a time, of all and of one address: the provider is no one's to flood through us. */
async function finishInTurn(
  request: SiteRequest,
  facts: LoginState,
  begun: BegunLogin,
  ports: SitePorts,
): Promise<SiteResponse> {
  const { exchanges } = ports.login;
  const { clientAddress } = request;
  if (!(await exchanges.enter(clientAddress))) {
    const again = ownPath("/login", { provider: facts.provider, return: facts.back });
    return problem(request, "overloaded", { detail: "too many codes at a time", again, headers: ["Retry-After", "1"] });
  }
  try {
    return await finish(request, facts, begun, ports);
  } finally {
    exchanges.leave(clientAddress);
  }
}

async function finish(
  request: SiteRequest,
  facts: LoginState,
  begun: BegunLogin,
  ports: SitePorts,
): Promise<SiteResponse> {
  const { provider, back } = facts;
  const again = ownPath("/login", { provider, return: back });
  let place: AskedPlace = "token";
  try {
    const client = await ports.login.clients.find(provider);
    if (client === undefined) return problem(request, "login-expired", { detail: "the provider is gone", again });
    const tokens = await client.exchange(addressOf(request), begun);
    place = "userinfo";
    const content = firstContent(tokens, await userInfo(client, tokens), ports.clock.now());
    return await admit(request, facts, content, ports);
  } catch (error) {
    const { kind, detail } = providerTrouble(error, place);
    ports.log.warn("a login failed", { requestId: request.id, provider, why: detail });
    const advice = error instanceof OtherTenantError ? { advice: otherTenant } : {};
    const reason = kind === "down" ? "provider-unavailable" : "login-failed";
    tellFailure(request, provider, reason, ports);
    return problem(request, reason, { detail, again, ...advice });
  }
}

const otherTenant = "The organisation of this account may not log in here. Log in with an account of one that may.";

/** What the provider has sent the browser to, as the library wants it. */
function addressOf(request: SiteRequest): URL {
  return new URL(`${ownAddress(request, "/callback")}?${request.query}`);
}

async function userInfo(client: OidcClient, tokens: TokenSet): Promise<Readonly<Record<string, unknown>> | null> {
  return client.hasUserInfo ? client.userInfo(tokens.accessToken, String(tokens.claims?.["sub"])) : null;
}

async function admit(
  request: SiteRequest,
  { provider, back }: LoginState,
  content: SessionContent,
  ports: SitePorts,
): Promise<SiteResponse> {
  const { login, clock, events } = ports;
  // People give it to commands, which would take one that begins with `-` for an option.
  const handle = Buffer.from(login.random.bytes(16)).toString("hex");
  const principal = principalOf(handle, content, provider, login.mapping);
  const settings = login.settings();
  if (principal === null || settings === null) {
    tellFailure(request, provider, "login-failed", ports);
    return problem(request, "login-failed", { detail: "its claims make nobody, or are too large" });
  }
  const standing = login.standing(principal);
  if (standing.kind === "refusal") {
    tellFailure(request, provider, standing.reason, ports);
    return refusedHere(request, standing);
  }
  const id = login.ids.make(login.random);
  const now = clock.now();
  const session = {
    digest: Buffer.from(sessionDigest(id), "base64url"),
    handle,
    provider,
    host: request.host,
    subject: subjectIn(content, login.mapping(provider)),
    providerSession: textOrNull(content.tokenClaims["sid"]),
    createdAt: now,
    seenAt: now,
    endsAt: endOf(content, now + settings.session.lifetimeMs),
  };
  await login.sessions.open(session, content);
  await endFormer(request, login);
  const { subject, providerSession } = session;
  const details = { session: handle, provider, subject, providerSession, token: tokenDigest(content.accessToken) };
  await events.record({ event: "login.succeeded", by: principal, request: request.id, details });
  return { ...redirect(back, setCookie(sessionCookie, id)), principal };
}

/** Nobody waits for it, and it is as rare as the codes that are exchanged. */
function tellFailure(request: SiteRequest, provider: string, reason: ReasonCode, { events }: SitePorts): void {
  const details = { provider, reason, client: request.clientAddress };
  events.tell({ event: "login.failed", request: request.id, details });
}

/** Whose session it is; null: its claims make nobody, or are too large. */
export function principalOf(
  handle: string,
  content: SessionContent,
  provider: string,
  mapping: SitePorts["login"]["mapping"],
): Principal | null {
  const settings = mapping(provider);
  const claims = claimsOf(content);
  if (settings === undefined || JSON.stringify(claims).length > maxClaimCharacters) return null;
  return sessionPrincipal(handle, claims, settings);
}

function subjectIn(content: SessionContent, mapping: Provider | undefined): string {
  const claims = claimsOf(content);
  return mapping === undefined ? String(claims["sub"]) : sessionSubject(claims, mapping);
}

/** Without a refresh token nothing is known of a person beyond their access token: they come by the provider again. */
function endOf({ refreshToken, accessEndsAt }: SessionContent, lifetime: number): number {
  return refreshToken !== null || accessEndsAt === null ? lifetime : Math.min(lifetime, accessEndsAt);
}

/** The id changes with each login, so that nobody is logged in under one that somebody else has given them. */
async function endFormer({ cookies }: SiteRequest, { ids, sessions }: SitePorts["login"]): Promise<void> {
  const former = cookies.get(sessionCookie);
  if (former !== undefined && ids.isOurs(former)) await sessions.end(Buffer.from(sessionDigest(former), "base64url"));
}

function textOrNull(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}
