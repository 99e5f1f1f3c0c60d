import { Buffer } from "node:buffer";
import { isOwnOrigin } from "#identity/login/cross-site.ts";
import type { OidcClient } from "#identity/login/oidc-client.ts";
import { providerTrouble } from "#identity/login/provider-trouble.ts";
import { sessionCookie, sessionDigest } from "#identity/login/session-id.ts";
import { html } from "#lib/html.ts";
import type { Log } from "#model/ports.ts";
import type { SiteRequest, SiteResponse } from "#model/site.ts";
import { page, redirect } from "#site/page.ts";
import type { SitePorts } from "#site/ports.ts";
import { problem } from "#site/problem.ts";
import { anonymous } from "#model/principal.ts";
import { principalOf } from "./callback.ts";
import { dropCookie } from "./cookies.ts";
import { ownAddress, ownPath } from "./own-address.ts";

/** `/logout`: GET asks, since any page may lead somebody here; POST does it, here and at the provider. */
export async function logout(request: SiteRequest, ports: SitePorts): Promise<SiteResponse> {
  if (request.method !== "POST") return confirm(request, ports);
  if (!isFromHere(request)) return problem(request, "cross-site-request", { again: ownPath("/logout") });
  const to = await end(request, ports);
  return redirect(to ?? ownPath("/logged-out"), dropCookie(sessionCookie));
}

/** `/logged-out`: where the provider leads back to. */
export function loggedOut({ host }: SiteRequest): SiteResponse {
  const content = html`<p>You are logged out of <strong>${host}</strong>.</p>
    <p><a class="button" href="${ownPath("/login")}">Log in</a></p>`;
  return page("Logged out", content);
}

async function confirm(request: SiteRequest, ports: SitePorts): Promise<SiteResponse> {
  const content = html`<p>Do you want to log out of <strong>${request.host}</strong>?</p>
    <form method="post" action="${ownPath("/logout")}"><button>Log out</button></form>`;
  return page("Log out", content, { formTargets: await providerOrigins(request, ports) });
}

/** Browsers hold a form to its policy through redirects as well: the provider is where this one leads. */
async function providerOrigins(request: SiteRequest, { login }: SitePorts): Promise<readonly string[]> {
  const names = login.settings()?.providers.map(({ name }) => name) ?? [];
  const urls = names.map(async (name) => {
    const client = await login.clients.find(name).catch(() => undefined);
    return client?.endSessionUrl(null, ownAddress(request, "/logged-out"))?.origin ?? [];
  });
  return (await Promise.all(urls)).flat();
}

function isFromHere({ headers, scheme, authority }: SiteRequest): boolean {
  const { origin = "", "sec-fetch-site": site = "" } = headers;
  if (site !== "" && site !== "same-origin") return false;
  return origin === "" ? site !== "" : isOwnOrigin(origin, scheme, authority);
}

/** All sessions of that session at the provider, at every host. @returns where to log out there */
async function end(request: SiteRequest, { login, log, events }: SitePorts): Promise<string | null> {
  const id = request.cookies.get(sessionCookie);
  if (id === undefined || !login.ids.isOurs(id)) return null;
  const digest = Buffer.from(sessionDigest(id), "base64url");
  const found = await login.sessions.contentOf(digest);
  if (found === null || found.record.host !== request.host) return null;
  const { provider, subject, providerSession, handle } = found.record;
  await login.sessions.end(digest);
  const others =
    providerSession === null ? 0 : await login.sessions.endMatching({ provider, subject, providerSession });
  await events.record({
    event: "session.ended",
    by: principalOf(handle, found.content, provider, login.mapping) ?? anonymous,
    request: request.id,
    details: { session: handle, provider, subject, ended: others + 1, why: "logout" },
  });
  log.info("somebody has logged out", { session: handle, provider });
  const { iss } = found.content.tokenClaims;
  const client = await login.clients.find(provider, iss).catch(() => undefined);
  if (client !== undefined) void takeBack(client, found.content.refreshToken, handle, log);
  return client?.endSessionUrl(found.content.idToken, ownAddress(request, "/logged-out"))?.href ?? null;
}

/** Nobody waits for it: the session is over here, whatever the provider says. */
async function takeBack(client: OidcClient, refreshToken: string | null, session: string, log: Log): Promise<void> {
  if (refreshToken === null) return;
  try {
    await client.revoke(refreshToken);
  } catch (error) {
    const { name: provider } = client.settings;
    log.warn("a provider did not take back a refresh token", { session, provider, why: providerTrouble(error).detail });
  }
}
