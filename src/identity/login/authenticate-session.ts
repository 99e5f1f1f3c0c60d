import { answeredClient } from "#model/body.ts";
import { type Refusal, refuse } from "#model/decision.ts";
import type { Exchange } from "#model/exchange.ts";
import { withoutCookies } from "#lib/cookies.ts";
import { ownCookiePrefix } from "#model/site.ts";
import { crossSiteDoubt } from "./cross-site.ts";
import { sessionCookie, soleCookie } from "./session-id.ts";
import type { FoundSession, SessionReader } from "./session-reader.ts";

type Judged = Refusal | undefined;

/** Finds out whose session a cookie names. A cookie that names none makes nobody; access says so if that is not enough. */
export function authenticateSession(exchange: Exchange, sessions: SessionReader | null): Judged | Promise<Judged> {
  const { api, facts } = exchange;
  if (sessions === null || api?.login !== true) return undefined;
  const id = soleCookie(facts.headers, sessionCookie);
  if (id === undefined) return undefined;
  if (id === null) return refuse("malformed-request", { detail: "several session cookies" });
  // What is decided again only, while it is open, is nobody's doing.
  const found = sessions.find(id, facts.host, exchange.client !== answeredClient);
  return found instanceof Promise ? thenJudge(found, exchange) : judge(found, exchange);
}

async function thenJudge(pending: Promise<FoundSession | null>, exchange: Exchange): Promise<Judged> {
  return judge(await pending, exchange);
}

function judge(found: FoundSession | null, exchange: Exchange): Judged {
  if (found === null) {
    exchange.identityNote = "session-ended";
    return undefined;
  }
  const doubt = crossSiteDoubt(exchange.facts);
  if (doubt !== null) return refuse("cross-site-request", { detail: doubt });
  exchange.principal = found.principal;
  exchange.identityUntil = found.until;
  return undefined;
}

/** Our cookies go no further, whoever sent them: an application has no use for them but to be somebody else. */
export function removeOwnCookies({ facts, request }: Exchange): void {
  if (!request.headers.has("cookie")) return;
  const fields = request.headers.all("cookie");
  const kept = fields.map((field) => withoutCookies(field, ownCookiePrefix));
  if (kept.every((field, at) => field === fields[at])) return;
  // The draft starts with the list the edge received, which is the record's.
  if (request.headers === facts.headers) request.headers = request.headers.clone();
  request.headers.delete("cookie");
  for (const field of kept) if (field !== null) request.headers.append("Cookie", field);
}
