import type { ControlEvent } from "#model/control-events.ts";
import { anonymous, type Principal } from "#model/principal.ts";
import type { SiteResponse } from "#model/site.ts";
import type { ScimCall } from "./scim-request.ts";

/** What a provider has changed; undefined: nothing. */
export function scimEvent(call: ScimCall, response: SiteResponse): ControlEvent | undefined {
  const { method, resource, caller } = call;
  if (method === "GET" || response.status >= 300 || (resource !== "Users" && resource !== "Groups")) return undefined;
  const id = call.id ?? idOf(response);
  const source = `scim ${caller.provider}`;
  const kind = resource === "Users" ? "user" : "group";
  const details = kind === "user" ? { user: id, source } : { group: id, source };
  const isNew = kind === "user" ? { isNew: method === "POST" } : {};
  const by = providerItself(caller.provider);
  if (method === "DELETE") return { event: `${kind}.removed`, by, details };
  return { event: `${kind}.written`, by, details: { ...details, ...isNew, ...stateOf(response, kind) } };
}

/** Whoever has shown the provider's token. */
function providerItself(provider: string): Principal {
  const issuer = "urn:sallyport:scim";
  return {
    ...anonymous,
    id: `${issuer}||${provider}`,
    kind: "service",
    issuer,
    subject: provider,
    authMethod: "token",
  };
}

function idOf(response: SiteResponse): string {
  const { id } = bodyOf(response);
  return typeof id === "string" ? id : "";
}

/** What is answered says whether somebody may still call. */
function stateOf(response: SiteResponse, kind: "user" | "group"): { readonly state?: string } {
  const { active } = bodyOf(response);
  if (kind === "group" || typeof active !== "boolean") return {};
  return { state: active ? "active" : "blocked" };
}

function bodyOf({ body }: SiteResponse): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(body) as Readonly<Record<string, unknown>>;
  } catch {
    return {};
  }
}
