import type { Settings } from "./draft.ts";
import type { Import } from "./import.ts";
import { Information, type Resource, resourcesOf } from "./information.ts";
import { idOf, Names } from "./names.ts";
import type { SubscriptionKeys } from "./subscription-keys.ts";

const usableId = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;
const usableKey = /^[\x21-\x7e]{16,256}$/;

/** Subscriptions whose keys came along. Each key is a file of its own: the definition names it and never holds it. */
export function importSubscriptions(context: Import, keys: readonly SubscriptionKeys[]): void {
  const names = new Names();
  const left = new Map(keys.map((one) => [one.subscription.toLowerCase(), one]));
  for (const resource of resourcesOf(context, "subscriptions", "subscriptionInformation.json")) {
    const { id, path, information } = resource;
    const own = left.get(id.toLowerCase()) ?? left.get((information.text("displayName") ?? id).toLowerCase());
    if (own === undefined) {
      context.report.need(id, path, `the keys of the subscription ${id}: give them with --keys`);
      continue;
    }
    left.delete(own.subscription.toLowerCase());
    reportRest(context, resource);
    const known = {
      ...own,
      scope: information.text("scope") ?? own.scope,
      state: information.text("state") ?? own.state,
      owner: information.text("ownerId") ?? own.owner,
    };
    addSubscription(context, names.give(id), path, known, information);
  }
  for (const own of left.values())
    addSubscription(context, names.give(own.subscription), `--keys ${own.subscription}`, own, new Information({}));
}

function addSubscription(
  context: Import,
  name: string,
  from: string,
  keys: SubscriptionKeys,
  information: Information,
): void {
  const { draft, report } = context;
  const scope = scopeOf(context, keys.scope);
  const key = keyFile(context, name, "primary", keys.primaryKey, from);
  if (scope === undefined || key === undefined) {
    const why = scope === undefined ? `its scope ${keys.scope ?? ""} is nothing here` : "it has no primary key";
    report.refuse(from, `the subscription ${name} is left out: ${why}`);
    return;
  }
  const secondaryKey = keyFile(context, name, "secondary", keys.secondaryKey, from);
  const state = keys.state ?? "active";
  if (!/^(active|suspended)$/i.test(state)) report.note(from, `${name} is ${state}: its keys are refused, as there`);
  const settings = {
    ...scope,
    key,
    secondaryKey,
    ...(/^active$/i.test(state) ? {} : { state: "suspended" }),
    displayName: information.text("displayName"),
    owner: ownerOf(context, keys.owner, from),
    ends: endOf(context, information.text("expirationDate"), from),
  };
  draft.put("subscriptions", name, settings, [from]);
  report.map(from, `subscriptions.${name}`);
}

/** Whoever it belonged to there: `/users/1` or a whole resource id. */
function ownerOf({ report }: Import, owner: string | undefined, from: string): string | undefined {
  if (owner === undefined) return undefined;
  const id = idOf(owner);
  if (usableId.test(id)) return id;
  report.note(from, `its owner ${id} cannot be the id of a user: it belongs to nobody`);
  return undefined;
}

function endOf({ report }: Import, end: string | undefined, from: string): string | undefined {
  const time = end === undefined ? Number.NaN : Date.parse(end);
  if (!Number.isNaN(time)) return new Date(time).toISOString();
  if (end !== undefined) report.refuse(from, `its end ${end} is no time: it does not end by itself`);
  return undefined;
}

/** Without a scope it is the one for everything. */
function scopeOf({ products, apis, draft }: Import, scope: string | undefined): Settings | undefined {
  const path = (scope ?? "").replace(/^.*\/service\/[^/]+/i, "").replace(/\/+$/, "");
  if (path === "" || /^\/?apis$/i.test(path)) return { all: true };
  const [, kind = ""] = /^\/?(products|apis)\/[^/]+$/i.exec(path) ?? [];
  const id = idOf(path);
  if (kind.toLowerCase() === "products") {
    const product = products.find(id);
    return product !== undefined && draft.has("products", product) ? { product } : undefined;
  }
  const api = kind === "" ? undefined : apis.find(id.replace(/;rev=\d+$/, ""));
  return api !== undefined && draft.has("apis", api) ? { api } : undefined;
}

function keyFile(
  { draft, report }: Import,
  name: string,
  slot: "primary" | "secondary",
  key: string | undefined,
  from: string,
): Settings | undefined {
  if (key === undefined) return undefined;
  if (!usableKey.test(key)) {
    report.refuse(from, `the ${slot} key of ${name} is not one: 16 to 256 visible characters`);
    return undefined;
  }
  const file = `secrets/${name}.${slot}.key`;
  draft.secrets.set(file, `${key}\n`);
  return { file: `./${file}` };
}

function reportRest({ report }: Import, { id, path, information }: Resource): void {
  if (information.flag("allowTracing") === true) report.note(path, `${id} may trace requests: not carried over`);
}
