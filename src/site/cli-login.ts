import type { SiteRequest, SiteResponse } from "#model/site.ts";
import { json } from "./page.ts";
import type { SitePorts } from "./ports.ts";
import { problem } from "./problem.ts";

/** How one logs in from a command line: `sallyport login <this host>` asks here. */
export function cliLogin(request: SiteRequest, { cliLogin: settings }: SitePorts): SiteResponse {
  const found = settings();
  if (found === null) return problem(request, "route-not-found");
  const { issuer, clientId, scopes, resource, audience, prompt } = found;
  return json(200, {
    issuer,
    client_id: clientId,
    scope: scopes.join(" "),
    ...(resource === null ? {} : { resource }),
    ...(audience === null ? {} : { audience }),
    ...(prompt === null ? {} : { prompt }),
  });
}
