import { Buffer } from "node:buffer";
import type { SiteRequest, SiteResponse } from "#model/site.ts";
import { empty } from "#site/page.ts";
import type { SitePorts } from "#site/ports.ts";
import { problem } from "#site/problem.ts";

/**
 * `/backchannel-logout`: a provider says that somebody has logged out, or was removed.
 * @see OpenID Connect Back-Channel Logout 1.0 §2.5 to §2.8
 */
export async function backChannelLogout(
  request: SiteRequest,
  { login, log, events }: SitePorts,
): Promise<SiteResponse> {
  const type = request.headers["content-type"] ?? "";
  const form = /^application\/x-www-form-urlencoded(?:;|$)/i.test(type) ? formOf(request.body) : null;
  const token = form?.get("logout_token") ?? null;
  if (token === null) return problem(request, "logout-token-invalid", { detail: "no logout_token in a form" });
  const verdict = await login.logoutTokens.verify(token);
  if (!verdict.ok)
    return problem(request, verdict.isDown ? "provider-unavailable" : "logout-token-invalid", {
      detail: verdict.detail,
    });
  const ended = await login.sessions.endMatching(verdict.match);
  log.info("a provider has ended sessions", { provider: verdict.match.provider, ended });
  const { provider, subject } = verdict.match;
  await events.record({
    event: "session.ended",
    request: request.id,
    details: { provider, subject, ended, why: "provider" },
  });
  return empty(200);
}

function formOf(body: Uint8Array): URLSearchParams {
  return new URLSearchParams(Buffer.from(body).toString("utf8"));
}
