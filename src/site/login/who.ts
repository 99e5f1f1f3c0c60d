import { writeIdentityFields } from "#identity/upstream-identity.ts";
import type { SiteRequest, SiteResponse } from "#model/site.ts";
import { empty, json } from "#site/page.ts";
import type { SitePorts } from "#site/ports.ts";
import { problem, refusedHere } from "#site/problem.ts";
import { currentSession } from "./current-session.ts";
import { ownPath } from "./own-address.ts";

/** `/userinfo`: who is logged in, for pages of applications; or whom a token is of, for `sallyport whoami`. */
export async function userInfo(request: SiteRequest, ports: SitePorts): Promise<SiteResponse> {
  // A token is said on purpose, and goes before the cookie that a browser sends along by itself.
  const shown = request.principal;
  const found = shown?.authMethod === "token" ? null : await currentSession(request, ports);
  if (found?.kind === "refusal") return refusedHere(request, found);
  const principal = found?.principal ?? shown;
  if (principal === null) return nobody(request);
  const { id, kind, issuer, subject, tenant, displayName, email, groups, roles, scopes, provider } = principal;
  const who = { id, kind, issuer, subject, tenant, name: displayName, email, groups, roles, scopes, provider };
  return { ...json(200, who), principal };
}

/** `/session`: how long it goes on. Asking does not keep it alive. */
export async function session(request: SiteRequest, ports: SitePorts): Promise<SiteResponse> {
  const found = await currentSession(request, ports, false);
  if (found === null) return nobody(request);
  if (found.kind === "refusal") return refusedHere(request, found);
  const { handle, provider, createdAt, endsAt, seenAt, idleMs } = found.facts;
  const idleEndsAt = Math.min(endsAt, seenAt + idleMs);
  const times = { since: written(createdAt), idleUntil: written(idleEndsAt), until: written(endsAt) };
  return { ...json(200, { session: handle, provider, ...times }), principal: found.principal };
}

/** `/auth`: 202 with who it is, or 401. For proxies that need to know no more than that somebody is logged in. */
export async function auth(request: SiteRequest, ports: SitePorts): Promise<SiteResponse> {
  const found = await currentSession(request, ports);
  if (found === null) return nobody(request);
  if (found.kind === "refusal") return refusedHere(request, found);
  return { ...empty(202, writeIdentityFields(found.principal)), principal: found.principal };
}

function nobody(request: SiteRequest): SiteResponse {
  const headers = [
    "WWW-Authenticate",
    `Session realm="${request.host}"`,
    "Link",
    `<${ownPath("/login")}>; rel="login"`,
  ];
  return problem(request, "credentials-missing", { headers });
}

function written(time: number): string {
  return new Date(time).toISOString();
}
