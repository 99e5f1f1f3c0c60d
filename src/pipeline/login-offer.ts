import type { Refusal } from "#model/decision.ts";
import { type Exchange, type RequestFacts, ResponseDraft } from "#model/exchange.ts";
import { HeaderList } from "#model/header-list.ts";
import { anonymous } from "#model/principal.ts";
import type { ReasonCode } from "#model/reasons.ts";
import { sitePrefix } from "#model/site.ts";

/** Where a person logs in. */
export const loginPath: string = `${sitePrefix}/login`;
/** The same as a Link field, for programs that show one. */
export const loginLink: string = `<${loginPath}>; rel="login"`;
/** Longer addresses are not kept: they travel in another address. */
const maxReturn = 2048;

/** What a login helps against: nobody in particular has asked. */
const helped: ReadonlySet<ReasonCode> = new Set(["credentials-missing", "session-ended"]);

/**
 * Whether a person could go on by logging in. Not where a credential was sent that is no session: whoever holds a token
 * or a key is a program, and would take a page for its answer.
 */
export function helpsToLogIn({ api, facts, principal }: Exchange, { reason }: Refusal): boolean {
  return api?.login === true && helped.has(reason) && principal === anonymous && !facts.headers.has("authorization");
}

/** Leads a browser to the login, and from there back to where it wanted to go; null for whoever is no browser on its way. */
export function loginRedirect({ facts }: Exchange): ResponseDraft | null {
  if (!isNavigation(facts)) return null;
  const headers = new HeaderList(["Location", loginAddress(facts), "Cache-Control", "no-store", "Vary", varies]);
  return new ResponseDraft(302, "Found", headers, null, "gateway");
}

const varies = "Accept, Cookie, Sec-Fetch-Dest, Sec-Fetch-Mode";

function loginAddress({ path, query, target }: RequestFacts): string {
  // The target as it was sent, so that the application finds it again; a query that is too long stays behind.
  const wanted = target.startsWith("/") ? target : `${path}${query === "" ? "" : `?${query}`}`;
  const back = wanted.length <= maxReturn ? wanted : path.length <= maxReturn ? path : "/";
  return `${loginPath}?return=${encodeURIComponent(back)}`;
}

/**
 * A person has followed a link or typed an address. A script's request, a picture or a frame is none: what it would be
 * led to is no answer to it, and a frame could not show it.
 * @see https://www.w3.org/TR/fetch-metadata/
 */
export function isNavigation({ method, upgrade, headers }: RequestFacts): boolean {
  if ((method !== "GET" && method !== "HEAD") || upgrade !== null) return false;
  const mode = headers.get("sec-fetch-mode");
  if (mode !== undefined) return mode === "navigate" && (headers.get("sec-fetch-dest") ?? "document") === "document";
  if (headers.has("x-requested-with") || headers.has("origin")) return false;
  return /(?:^|,)\s*text\/html\s*(?:[;,]|$)/i.test(headers.joined("accept") ?? "");
}
