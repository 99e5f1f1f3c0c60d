import type { ActiveSubscription } from "#model/exchange.ts";
import type { HeaderList } from "#model/header-list.ts";
import { isIdentityField } from "#model/identity-fields.ts";
import type { Principal } from "#model/principal.ts";
import { headerSafe } from "./header-value.ts";

/**
 * Tells the upstream who calls: takes away every identity field the client sent, then writes our own. The names are
 * oauth2-proxy's, so that applications written for it work. Changes `headers`, which must be the draft's own list.
 */
export function applyIdentityHeaders(
  headers: HeaderList,
  principal: Principal,
  subscription: ActiveSubscription | null,
): void {
  removeIdentityHeaders(headers);
  if (isCaller(principal)) for (const text of fieldsOf(principal)) headers.raw.push(text);
  if (subscription !== null) headers.append("X-Sallyport-Subscription", headerSafe(subscription.id));
}

/**
 * Whether a principal is who calls. A key is a contract: whose it is, is told by the subscription, and it does not say
 * that they are the caller.
 */
export function isCaller({ kind, authMethod }: Principal): boolean {
  return kind !== "anonymous" && authMethod !== "subscription-key";
}

/** Takes away every identity field: nobody is to take a client's word for ours. */
export function removeIdentityHeaders(headers: HeaderList): void {
  const { raw } = headers;
  let kept = 0;
  for (let at = 0; at < raw.length; at += 2) {
    if (isIdentityField(raw[at] as string)) continue;
    raw[kept] = raw[at] as string;
    raw[kept + 1] = raw[at + 1] as string;
    kept += 2;
  }
  raw.length = kept;
}

const remembered = new WeakMap<Principal, readonly string[]>();

/** What is told of somebody, flat: for an answer that says who it is. */
export function writeIdentityFields(principal: Principal): readonly string[] {
  return fieldsOf(principal);
}

/** One principal serves all requests with its token: its fields are written once. */
function fieldsOf(principal: Principal): readonly string[] {
  let fields = remembered.get(principal);
  if (fields === undefined) {
    fields = writeFields(principal);
    remembered.set(principal, fields);
  }
  return fields;
}

function writeFields(principal: Principal): readonly string[] {
  const fields = ["X-Auth-Request-User", headerSafe(principal.subject)];
  const username = principal.claims["preferred_username"];
  const groups = principal.groups.filter(isOneGroup).map(headerSafe);
  if (principal.email !== undefined) fields.push("X-Auth-Request-Email", headerSafe(principal.email));
  if (groups.length > 0) fields.push("X-Auth-Request-Groups", groups.join(","));
  if (typeof username === "string" && username !== "") {
    fields.push("X-Auth-Request-Preferred-Username", headerSafe(username));
  }
  return fields;
}

/** A group named `staff,admin` must not arrive as two, nor ` admin` be trimmed into another: such groups are left out. */
function isOneGroup(group: string): boolean {
  return group !== "" && group.trim() === group && !/[,\r\n\0]/.test(group);
}
