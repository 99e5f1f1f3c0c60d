import { html } from "#lib/html.ts";
import type { Principal } from "#model/principal.ts";
import type { SiteRequest, SiteResponse } from "#model/site.ts";
import type { AccessCaller } from "#products/access-requests.ts";
import { page } from "#site/page.ts";
import type { SitePorts } from "#site/ports.ts";
import { problem, refusedHere, wantsPage } from "#site/problem.ts";
import { readForm } from "./read-form.ts";

/** What a page about access is given: who asks, and of a form its fields. */
export interface AccessVisit {
  readonly request: SiteRequest;
  readonly principal: Principal;
  /** Here everybody is who they are, and no more: roles are the admin API's. */
  readonly caller: AccessCaller;
  readonly ports: SitePorts;
}

type Show = (visit: AccessVisit) => SiteResponse | Promise<SiteResponse>;
type Act = (visit: AccessVisit, form: ReadonlyMap<string, string>) => SiteResponse | Promise<SiteResponse>;

/** A page for whoever is known. */
export function showing(show: Show) {
  return async (request: SiteRequest, ports: SitePorts): Promise<SiteResponse> => {
    const principal = request.principal ?? (await ports.access.session(request));
    if (principal === null) return nobody(request);
    if (principal.kind === "refusal") return refusedHere(request, principal);
    const caller: AccessCaller = { principal, isViewer: false, isOperator: false };
    return { ...(await show({ request, principal, caller, ports })), principal };
  };
}

/** A form of such a page, sent from that page and by nobody else's doing. */
export function acting(act: Act): ReturnType<typeof showing> {
  return showing((visit) => {
    const { request, principal, ports } = visit;
    const form = readForm(request);
    const isOurs = form !== null && ports.access.guard.holds(request, principal, form.get("token") ?? "");
    if (isOurs) return act(visit, form);
    return problem(request, "form-not-accepted", {
      again: `/.sallyport${request.path}`,
      detail: "no token of our form",
    });
  });
}

/** Where to log in, with the way back. */
function nobody(request: SiteRequest): SiteResponse {
  const back = `/.sallyport${request.path}${request.query === "" ? "" : `?${request.query}`}`;
  const login = `/.sallyport/login?return=${encodeURIComponent(back)}`;
  const headers = ["WWW-Authenticate", "Bearer", "Link", `<${login}>; rel="login"`];
  if (!wantsPage(request)) return problem(request, "credentials-missing", { headers });
  const content = html`<p>To go on here you have to be known.</p>
    <p><a class="button" href="${login}">Log in</a></p>
    <p><small>Request id ${request.id}</small></p>`;
  return { ...page("Log in first", content, { status: 401, headers }), reason: "credentials-missing" };
}
