import { fewAtATime } from "#lib/few-at-a-time.ts";
import type { ScimObject } from "#products/scim/attributes.ts";
import { readGroupPatch, toGroupResource } from "#products/scim/group-resource.ts";
import { readPatch } from "#products/scim/patch.ts";
import type { ScimGroups } from "#products/scim/scim-groups.ts";
import type { ScimRecord } from "#storage/scim-interfaces.ts";
import type { SiteResponse } from "#model/site.ts";
import { listResources } from "./scim-listing.ts";
import type { ScimCall } from "./scim-request.ts";
import { scimAnswer } from "./scim-response.ts";
import { created, notAllowed } from "./scim-users-calls.ts";

/** Each has its members read, page by page. */
const shownAtATime = 5;

/** @throws ScimError */
export async function answerGroups(call: ScimCall, groups: ScimGroups): Promise<SiteResponse> {
  const { caller, method, id } = call;
  const show = async (record: ScimRecord): Promise<ScimObject> => {
    const members = leavesMembersOut(call) ? null : await groups.members(record.id);
    return toGroupResource(record, members, call.locate);
  };
  if (id === null) {
    if (method === "POST") return created(await show(await groups.create(caller, call.body())));
    if (method === "GET") return listGroups(call, groups, show);
    throw notAllowed(method);
  }
  switch (method) {
    case "GET":
      return scimAnswer(200, await show(await groups.get(caller, id)));
    case "PUT":
      return scimAnswer(200, await show(await groups.replace(caller, id, call.body())));
    case "PATCH":
      return scimAnswer(200, await show(await groups.change(caller, id, readGroupPatch(readPatch(call.body())))));
    case "DELETE":
      await groups.remove(caller, id);
      return scimAnswer(204, null);
    default:
      throw notAllowed(method);
  }
}

function listGroups(
  call: ScimCall,
  groups: ScimGroups,
  show: (record: ScimRecord) => Promise<ScimObject>,
): Promise<SiteResponse> {
  const { caller } = call;
  const shown = async (pending: Promise<ScimRecord | null>): Promise<ScimObject | null> => {
    const found = await pending;
    return found === null ? null : show(found);
  };
  return listResources(call, {
    count: () => groups.count(caller),
    page: async (page) => fewAtATime(await groups.list(caller, page), shownAtATime, show),
    find: (attribute, value) => {
      if (attribute === "displayname") return shown(groups.byName(caller, value));
      return attribute === "externalid" ? shown(groups.byExternalId(caller, value)) : null;
    },
  });
}

/** A large group's members are many times what is asked for. */
function leavesMembersOut({ query, method }: ScimCall): boolean {
  const excluded = (query.get("excludedAttributes") ?? "").toLowerCase().split(",");
  return method === "GET" && excluded.some((name) => name.trim() === "members");
}
