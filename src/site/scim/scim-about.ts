import type { ScimObject } from "#products/scim/attributes.ts";
import { groupSchema } from "#products/scim/group-resource.ts";
import { ScimError } from "#products/scim/scim-error.ts";
import { userSchema } from "#products/scim/user-resource.ts";
import type { SiteResponse } from "#model/site.ts";
import type { ScimCall } from "./scim-request.ts";
import { scimAnswer, scimList } from "./scim-response.ts";

const no = { supported: false };

const configuration: ScimObject = {
  schemas: ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],
  patch: { supported: true },
  bulk: { supported: false, maxOperations: 0, maxPayloadSize: 0 },
  filter: { supported: true, maxResults: 200 },
  changePassword: no,
  sort: no,
  etag: no,
  authenticationSchemes: [
    {
      type: "oauthbearertoken",
      name: "Bearer token",
      description: "The token of the provider's scim setting, in Authorization.",
    },
  ],
};

function resourceType(id: "User" | "Group", schema: string): ScimObject {
  const schemas = ["urn:ietf:params:scim:schemas:core:2.0:ResourceType"];
  return { schemas, id, name: id, endpoint: `/${id}s`, schema };
}

interface AttributeShape {
  readonly type?: string;
  readonly multiValued?: boolean;
  readonly required?: boolean;
  readonly mutability?: string;
  readonly uniqueness?: string;
  readonly subAttributes?: readonly ScimObject[];
}

function attribute(name: string, shape: AttributeShape = {}): ScimObject {
  const { type = "string", multiValued = false, required = false, subAttributes, ...rest } = shape;
  const { mutability = "readWrite", uniqueness = "none" } = rest;
  const base = { name, type, multiValued, required, caseExact: false, mutability, returned: "default", uniqueness };
  return subAttributes === undefined ? base : { ...base, subAttributes };
}

const schemaOfSchemas = ["urn:ietf:params:scim:schemas:core:2.0:Schema"];
const value = attribute("value");

const schemas: readonly ScimObject[] = [
  {
    schemas: schemaOfSchemas,
    id: userSchema,
    name: "User",
    attributes: [
      attribute("userName", { required: true, uniqueness: "server" }),
      attribute("externalId"),
      attribute("displayName"),
      attribute("name", { type: "complex", subAttributes: [attribute("givenName"), attribute("familyName")] }),
      attribute("active", { type: "boolean" }),
      attribute("emails", {
        type: "complex",
        multiValued: true,
        subAttributes: [value, attribute("type"), attribute("primary", { type: "boolean" })],
      }),
      attribute("groups", { type: "complex", multiValued: true, mutability: "readOnly", subAttributes: [value] }),
    ],
  },
  {
    schemas: schemaOfSchemas,
    id: groupSchema,
    name: "Group",
    attributes: [
      attribute("displayName", { required: true, uniqueness: "server" }),
      attribute("externalId"),
      attribute("members", { type: "complex", multiValued: true, subAttributes: [value, attribute("type")] }),
    ],
  },
];

const lists: Readonly<Record<string, readonly ScimObject[]>> = {
  ResourceTypes: [resourceType("User", userSchema), resourceType("Group", groupSchema)],
  Schemas: schemas,
};

/** What can be done here, for clients that ask. @throws ScimError 404, 405 @see RFC 7644 §4 */
export function answerAbout({ resource, id, method }: ScimCall): SiteResponse {
  const list = lists[resource];
  const isKnown = list !== undefined || (resource === "ServiceProviderConfig" && id === null);
  if (!isKnown) throw new ScimError(404, "there is no such resource");
  if (method !== "GET") throw new ScimError(405, `${method} is not for this resource`);
  if (list === undefined) return scimAnswer(200, configuration);
  if (id === null) return scimList(list, list.length, 1);
  const one = list.find((item) => item["id"] === id);
  if (one === undefined) throw new ScimError(404, `there is no ${id}`);
  return scimAnswer(200, one);
}
