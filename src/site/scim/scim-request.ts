import { Buffer } from "node:buffer";
import { isScimObject, type ScimObject } from "#products/scim/attributes.ts";
import { ScimError } from "#products/scim/scim-error.ts";
import type { ScimCaller } from "#products/scim/scim-provider.ts";
import type { SiteRequest } from "#model/site.ts";

/** A call of a provider that has proved itself. */
export interface ScimCall {
  readonly caller: ScimCaller;
  readonly method: string;
  /** `Users`, `Groups`, `ServiceProviderConfig`, … */
  readonly resource: string;
  /** Null: of all of them. */
  readonly id: string | null;
  readonly query: URLSearchParams;
  /** @throws ScimError 400 */
  readonly body: () => ScimObject;
  readonly locate: (resource: string, id: string) => string;
}

export function scimCall(request: SiteRequest, caller: ScimCaller, rest: readonly string[]): ScimCall {
  const { scheme, authority, method } = request;
  const [resource = "", id, ...more] = rest;
  if (more.length > 0) throw new ScimError(404, "there is no such resource");
  const base = `${scheme}://${authority}/.sallyport/scim/${caller.provider}/v2`;
  return {
    caller,
    method: method === "HEAD" ? "GET" : method,
    resource,
    id: id === undefined || id === "" ? null : decodeURIComponent(id),
    query: new URLSearchParams(request.query),
    body: () => readBody(request),
    locate: (kind, name) => `${base}/${kind}/${encodeURIComponent(name)}`,
  };
}

function readBody({ body, headers }: SiteRequest): ScimObject {
  const type = (headers["content-type"] ?? "").split(";")[0]?.trim().toLowerCase();
  if (type !== "application/scim+json" && type !== "application/json") {
    throw new ScimError(415, "the body is application/scim+json", "invalidSyntax");
  }
  const value = parse(Buffer.from(body).toString("utf8"));
  if (!isScimObject(value)) throw new ScimError(400, "the body is no JSON object", "invalidSyntax");
  return value;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
