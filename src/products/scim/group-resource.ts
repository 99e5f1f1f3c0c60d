import type { ScimRecord } from "#storage/scim-interfaces.ts";
import { isScimObject, type ScimObject, textIn, valueIn } from "./attributes.ts";
import type { PatchOperation } from "./patch.ts";
import { ScimError } from "./scim-error.ts";
import { metaOf } from "./user-resource.ts";

export const groupSchema: string = "urn:ietf:params:scim:schemas:core:2.0:Group";

/** What one PATCH does to a group. */
export interface GroupChange {
  readonly displayName: string | undefined;
  readonly externalId: string | undefined;
  readonly members: readonly MemberChange[];
}

export interface MemberChange {
  readonly kind: "add" | "remove" | "replace";
  /** Null: all of them. */
  readonly ids: readonly string[] | null;
}

/** @throws ScimError 400 `invalidValue` */
export function displayNameOf(resource: ScimObject): string {
  const name = textIn(resource, "displayName")?.trim() ?? "";
  if (name === "" || name.length > 300 || /\p{Cc}/u.test(name)) {
    throw new ScimError(400, "displayName is missing, or too long", "invalidValue");
  }
  return name;
}

/** @throws ScimError 400 `invalidValue` */
export function externalIdOf(resource: ScimObject): string | undefined {
  const id = textIn(resource, "externalId");
  if (id === "" || (id ?? "").length > 320) throw new ScimError(400, "externalId is empty or too long", "invalidValue");
  return id;
}

/** @param value of `members` */
export function memberIds(value: unknown): readonly string[] {
  const list = Array.isArray(value) ? (value as readonly unknown[]) : [value];
  return list.map((item) => {
    const id = isScimObject(item) ? textIn(item, "value") : undefined;
    if (id === undefined) throw new ScimError(400, "a member has a value, the id of a user", "invalidValue");
    return id;
  });
}

/** Members are changed one by one, not by reading and writing all of them. */
export function readGroupPatch(operations: readonly PatchOperation[]): GroupChange {
  const members: MemberChange[] = [];
  let displayName: string | undefined;
  let externalId: string | undefined;
  for (const { op, path, value } of operations) {
    const attribute = path?.attribute.toLowerCase();
    if (attribute === "members") members.push(memberChange(op, path?.filter ?? null, value));
    else if (attribute === "displayname" && op !== "remove") displayName = displayNameOf({ displayName: value });
    else if (attribute === "externalid" && op !== "remove") externalId = externalIdOf({ externalId: value });
    else if (path === null && isScimObject(value)) {
      if (valueIn(value, "displayName") !== undefined) displayName = displayNameOf(value);
      externalId = externalIdOf(value) ?? externalId;
      const listed = valueIn(value, "members");
      if (listed !== undefined) members.push(memberChange(op, null, listed));
    }
  }
  return { displayName, externalId, members };
}

function memberChange(op: PatchOperation["op"], filter: string | null, value: unknown): MemberChange {
  if (filter !== null) {
    const id = /^\s*value\s+eq\s+"([^"\\]*)"\s*$/i.exec(filter)?.[1];
    if (op !== "remove" || id === undefined)
      throw new ScimError(400, 'members takes [value eq "…"] to remove', "invalidPath");
    return { kind: "remove", ids: [id] };
  }
  if (op === "remove") return { kind: "remove", ids: value === undefined ? null : memberIds(value) };
  return { kind: op, ids: memberIds(value) };
}

/** @param members ids; null: left out */
export function toGroupResource(
  record: ScimRecord,
  members: readonly string[] | null,
  locate: (kind: "Users" | "Groups", id: string) => string,
): ScimObject {
  return {
    schemas: [groupSchema],
    id: record.id,
    ...(record.externalId === null ? {} : { externalId: record.externalId }),
    displayName: record.name,
    ...(members === null
      ? {}
      : { members: members.map((id) => ({ value: id, type: "User", $ref: locate("Users", id) })) }),
    meta: metaOf("Group", record, locate("Groups", record.id)),
  };
}
