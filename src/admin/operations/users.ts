import type { AdminCall } from "#admin/call.ts";
import type { AdminPorts } from "#admin/ports.ts";
import { type AdminResult, answer } from "#admin/result.ts";
import { GatewayError } from "#model/errors.ts";
import type { UserRequest } from "#products/users.ts";
import { parse, refusing } from "./subscriptions.ts";

type Ports = Pick<AdminPorts, "users">;
type ShownUser = Awaited<ReturnType<Ports["users"]["get"]>>;

const source = "admin";
const reasons = { unknown: "user-unknown", conflict: "user-conflict" } as const;

export async function listUsers({ query }: AdminCall, { users }: Ports): Promise<AdminResult> {
  const limit = Number(query.get("limit") ?? 100);
  const page = await users.list({ after: query.get("after") ?? null, limit });
  const next = page.length < limit ? null : (page.at(-1)?.id ?? null);
  return answer({ users: page.map(shown), next });
}

export function readUser({ name }: AdminCall, { users }: Ports): Promise<AdminResult> {
  return refusing(async () => answer(shown(await users.get(name))), reasons);
}

/** The record of the call has the id alone: who it is stands in the store. */
export function putUser(isNew: boolean) {
  return ({ name, body }: AdminCall, { users }: Ports): Promise<AdminResult> =>
    refusing(async () => {
      const user = await users.put(readNew(name, body), isNew);
      return answer(shown(user), {
        detail: `user ${user.id} ${isNew ? "made" : "written"}`,
        events: [{ event: "user.written", details: { user: user.id, state: user.state, isNew, source } }],
      });
    }, reasons);
}

export function moveUser(state: "active" | "blocked") {
  return ({ name }: AdminCall, { users }: Ports): Promise<AdminResult> =>
    refusing(async () => {
      await users.setState(name, state);
      return answer(shown(await users.get(name)), {
        detail: `user ${name} is ${state}`,
        events: [{ event: "user.state-changed", details: { user: name, state, source } }],
      });
    }, reasons);
}

export function removeUser({ name }: AdminCall, { users }: Ports): Promise<AdminResult> {
  return refusing(async () => {
    const before = await users.get(name);
    await users.remove(name);
    return answer(shown(before), {
      detail: `user ${name} removed`,
      events: [{ event: "user.removed", details: { user: name, source } }],
    });
  }, reasons);
}

export async function listGroups(_: AdminCall, { users }: Ports): Promise<AdminResult> {
  return answer({ groups: await users.groups() });
}

export function putGroup({ name, body }: AdminCall, { users }: Ports): Promise<AdminResult> {
  return refusing(async () => {
    const { displayName = name, description = "", ...more } = parse(body);
    const isSound = typeof displayName === "string" && typeof description === "string";
    if (!isSound || Object.keys(more).length > 0) throw malformed('{"displayName": "…", "description": "…"}');
    await users.putGroup({ name, displayName, description });
    return answer(await groupNamed(name, users), {
      detail: `group ${name} written`,
      events: [{ event: "group.written", details: { group: name, source } }],
    });
  }, reasons);
}

export function removeGroup({ name }: AdminCall, { users }: Ports): Promise<AdminResult> {
  return refusing(async () => {
    const before = await groupNamed(name, users);
    await users.removeGroup(name);
    return answer(before, {
      detail: `group ${name} removed`,
      events: [{ event: "group.removed", details: { group: name, source } }],
    });
  }, reasons);
}

async function groupNamed(name: string, users: Ports["users"]): Promise<object> {
  const found = (await users.groups()).find((group) => group.name === name);
  if (found !== undefined) return found;
  throw new GatewayError("client-malformed", 404, `there is no group ${name}`, { source: "client", expose: true });
}

function shown(record: ShownUser): object {
  const { registeredAt, withdrawnBy: _, ...user } = record;
  return { ...user, registeredAt: new Date(registeredAt).toISOString() };
}

/** @throws GatewayError `client-malformed` */
function readNew(name: string, body: string): UserRequest {
  const { id = name, registeredAt, ...given } = parse(body);
  const registered = typeof registeredAt === "string" ? Date.parse(registeredAt) : undefined;
  const isKnown = Object.entries(given).every(([key, value]) => Object.hasOwn(members, key) && members[key]?.(value));
  const isSound = isKnown && (registeredAt === undefined || Number.isFinite(registered));
  if (!isSound || typeof id !== "string" || typeof given["email"] !== "string" || (name !== "" && id !== name)) {
    throw malformed('{"id": "…", "email": "…"} with "firstName", "lastName", "state", "note", "identities", "groups"');
  }
  const when = registered === undefined ? {} : { registeredAt: registered };
  return { ...(given as Omit<UserRequest, "id">), id, ...when };
}

const isText = (value: unknown): boolean => typeof value === "string";
const members: Readonly<Record<string, (value: unknown) => boolean>> = {
  email: isText,
  firstName: isText,
  lastName: isText,
  state: (value) => value === "active" || value === "blocked" || value === "pending",
  note: isText,
  groups: (value) => Array.isArray(value) && value.every(isText),
  identities: (value) => Array.isArray(value) && value.every(isIdentity),
};

function isIdentity(value: unknown): boolean {
  if (typeof value !== "object" || value === null || Object.keys(value).length !== 2) return false;
  return "provider" in value && isText(value.provider) && "id" in value && isText(value.id);
}

function malformed(expected: string): GatewayError {
  const message = `the body is not ${expected}`;
  return new GatewayError("client-malformed", 400, message, { source: "client", expose: true });
}
