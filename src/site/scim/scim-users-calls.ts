import { readPatch } from "#products/scim/patch.ts";
import { ScimError } from "#products/scim/scim-error.ts";
import type { Found, ScimUsers } from "#products/scim/scim-users.ts";
import { toUserResource } from "#products/scim/user-resource.ts";
import type { ScimObject } from "#products/scim/attributes.ts";
import type { SiteResponse } from "#model/site.ts";
import { listResources } from "./scim-listing.ts";
import type { ScimCall } from "./scim-request.ts";
import { scimAnswer } from "./scim-response.ts";

/** @throws ScimError */
export async function answerUsers(call: ScimCall, users: ScimUsers): Promise<SiteResponse> {
  const { caller, method, id } = call;
  const show = ({ user, record }: Found): ScimObject => toUserResource(user, record, call.locate("Users", user.id));
  if (id === null) {
    if (method === "POST") return created(show(await users.create(caller, call.body())));
    if (method === "GET") return listUsers(call, users, show);
    throw notAllowed(method);
  }
  switch (method) {
    case "GET":
      return scimAnswer(200, show(await users.get(caller, id)));
    case "PUT":
      return scimAnswer(200, show(await users.replace(caller, id, call.body())));
    case "PATCH":
      return scimAnswer(200, show(await users.patch(caller, id, readPatch(call.body()))));
    case "DELETE":
      await users.remove(caller, id);
      return scimAnswer(204, null);
    default:
      throw notAllowed(method);
  }
}

function listUsers(call: ScimCall, users: ScimUsers, show: (found: Found) => ScimObject): Promise<SiteResponse> {
  const { caller } = call;
  const shown = async (pending: Promise<Found | null>): Promise<ScimObject | null> => {
    const found = await pending;
    return found === null ? null : show(found);
  };
  return listResources(call, {
    count: () => users.count(caller),
    page: async (page) => (await users.list(caller, page)).map(show),
    find: (attribute, value) => {
      if (attribute === "username") return shown(users.byName(caller, value));
      return attribute === "externalid" ? shown(users.byExternalId(caller, value)) : null;
    },
  });
}

export function created(resource: ScimObject): SiteResponse {
  const { location } = resource["meta"] as { readonly location: string };
  return scimAnswer(201, resource, ["Location", location]);
}

export function notAllowed(method: string): ScimError {
  return new ScimError(405, `${method} is not for this resource`);
}
