import type { SiteRequest, SiteResponse } from "#model/site.ts";
import { json } from "./page.ts";
import { problem } from "./problem.ts";

/** Whom the gateway takes a caller for: for `sallyport whoami`. */
export function whoami(request: SiteRequest): SiteResponse {
  const { principal } = request;
  if (principal === null) {
    const headers = ["WWW-Authenticate", `Bearer realm="${request.host}"`];
    return problem(request, "credentials-missing", { headers });
  }
  const { id, kind, issuer, subject, tenant, displayName, email, groups, roles, scopes, clientId, provider } =
    principal;
  const who = {
    id,
    kind,
    issuer,
    subject,
    tenant,
    name: displayName,
    email,
    groups,
    roles,
    scopes,
    clientId,
    provider,
  };
  return { ...json(200, who), principal };
}
