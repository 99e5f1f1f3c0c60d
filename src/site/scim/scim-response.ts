import { STATUS_CODES } from "#lib/node-http.ts";
import type { ScimObject } from "#products/scim/attributes.ts";
import type { ScimError } from "#products/scim/scim-error.ts";
import type { SiteResponse } from "#model/site.ts";

const always = ["Cache-Control", "no-store", "X-Content-Type-Options", "nosniff"];

export function scimAnswer(status: number, body: ScimObject | null, headers: readonly string[] = []): SiteResponse {
  if (body === null) return { status, headers: [...always, ...headers], body: "" };
  const type = ["Content-Type", "application/scim+json"];
  return { status, headers: [...type, ...always, ...headers], body: `${JSON.stringify(body)}\n` };
}

/** @see RFC 7644 §3.12 */
export function scimProblem({
  status,
  message,
  scimType,
}: Pick<ScimError, "status" | "message" | "scimType">): SiteResponse {
  const body = {
    schemas: ["urn:ietf:params:scim:api:messages:2.0:Error"],
    status: String(status),
    ...(scimType === undefined ? {} : { scimType }),
    detail: message === "" ? (STATUS_CODES[status] ?? "Error") : message,
  };
  return { ...scimAnswer(status, body), detail: `${scimType ?? status}: ${message}` };
}

/** @see RFC 7644 §3.4.2 */
export function scimList(resources: readonly ScimObject[], total: number, startIndex: number): SiteResponse {
  return scimAnswer(200, {
    schemas: ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
    totalResults: total,
    startIndex,
    itemsPerPage: resources.length,
    Resources: resources,
  });
}
