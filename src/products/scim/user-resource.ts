import type { UserRecord } from "#storage/interfaces.ts";
import type { ScimRecord } from "#storage/scim-interfaces.ts";
import { booleanIn, isScimObject, primaryIn, type ScimObject, textIn, valueIn } from "./attributes.ts";
import { ScimError } from "./scim-error.ts";

export const userSchema: string = "urn:ietf:params:scim:schemas:core:2.0:User";

/** What is kept of a SCIM user; other attributes are read and let go. */
export interface ScimUser {
  readonly userName: string;
  readonly externalId: string | null;
  readonly active: boolean;
  readonly firstName: string;
  readonly lastName: string;
  readonly email: string | null;
}

/** @throws ScimError 400 `invalidValue` */
export function readScimUser(resource: ScimObject): ScimUser {
  const userName = textIn(resource, "userName")?.trim() ?? "";
  if (userName === "" || userName.length > 320) throw invalid("userName is missing, or too long");
  const externalId = textIn(resource, "externalId") ?? null;
  if (externalId !== null && (externalId === "" || externalId.length > 320))
    throw invalid("externalId is empty or too long");
  const active = valueIn(resource, "active") === undefined ? true : booleanIn(resource, "active");
  if (active === undefined) throw invalid("active is neither true nor false");
  return { userName, externalId, active, ...namesOf(resource), email: emailOf(resource) };
}

function namesOf(resource: ScimObject): Pick<ScimUser, "firstName" | "lastName"> {
  const name = valueIn(resource, "name");
  const parts = isScimObject(name) ? name : {};
  const given = textIn(parts, "givenName");
  const family = textIn(parts, "familyName");
  if (given !== undefined || family !== undefined) return { firstName: line(given), lastName: line(family) };
  const [firstName = "", ...rest] = line(textIn(resource, "displayName") ?? textIn(parts, "formatted")).split(" ");
  return { firstName, lastName: rest.join(" ") };
}

function line(text: string = ""): string {
  return text
    .replaceAll(/\p{Cc}/gu, " ")
    .trim()
    .slice(0, 100);
}

function emailOf(resource: ScimObject): string | null {
  const email = primaryIn(resource, "emails");
  return email !== undefined && /^[^\s@\p{Cc}]{1,64}@[^\s@\p{Cc}]{1,255}$/u.test(email) ? email : null;
}

/** @param location URL of the resource */
export function toUserResource(user: UserRecord, record: ScimRecord, location: string): ScimObject {
  const { firstName, lastName } = user;
  return {
    schemas: [userSchema],
    id: user.id,
    ...(record.externalId === null ? {} : { externalId: record.externalId }),
    userName: record.name,
    displayName: [firstName, lastName].filter((part) => part !== "").join(" "),
    name: { givenName: firstName, familyName: lastName },
    active: user.state === "active",
    emails: user.email.endsWith("@users.invalid") ? [] : [{ value: user.email, type: "work", primary: true }],
    groups: user.groups.map((group) => ({ value: group, display: group })),
    meta: metaOf("User", record, location),
  };
}

export function metaOf(resourceType: "User" | "Group", record: ScimRecord, location: string): ScimObject {
  return {
    resourceType,
    created: new Date(record.createdAt).toISOString(),
    lastModified: new Date(record.modifiedAt).toISOString(),
    location,
  };
}

function invalid(message: string): ScimError {
  return new ScimError(400, message, "invalidValue");
}
