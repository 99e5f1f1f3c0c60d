import type { HistoryEntry } from "#admin/configuration/history.ts";
import type { Bundle } from "#admin/configuration/bundle.ts";
import type { Reach, ReachableOperation, ReachableProduct, ReachingSubscription } from "#audit/report/report.ts";
import { compileSnapshot } from "#compile/compile.ts";
import type { AccessRule, Definition, Product, RoleRule } from "#model/definition.ts";
import type { Snapshot } from "#model/snapshot.ts";
import type { SubscriptionRecord } from "#storage/interfaces.ts";
import { loadTexts } from "./placeholder-definition.ts";

/** Who could reach what, by a configuration of the history. */
export async function reachOf(
  newest: { readonly entry: HistoryEntry; readonly bundle: Bundle } | null,
  subscriptions: readonly SubscriptionRecord[],
  folder: string,
): Promise<Reach> {
  const nothing = { entry: null, since: null, operations: [], products: [], subscriptions: subscriptions.map(shown) };
  if (newest === null) return { ...nothing, problem: "the data folder has no history of its configuration" };
  const { entry, bundle } = newest;
  const { definition, diagnostics } = await loadTexts(bundle, entry.environment, folder);
  const found = { ...nothing, entry: entry.id, since: entry.time };
  if (definition === null) {
    const problem = `configuration ${entry.id} cannot be read by itself: ${diagnostics[0]?.message ?? "unknown"}`;
    return { ...found, problem };
  }
  const snapshot = compileSnapshot(definition);
  const operations = snapshot.routes.map((_, id) => operationOf(snapshot, definition, id));
  return { ...found, problem: null, operations, products: definition.products.map(productOf) };
}

function operationOf({ routes, apis }: Snapshot, { products }: Definition, id: number): ReachableOperation {
  const { api, operation, method, template, access } = routes[id] as Snapshot["routes"][number];
  const name = apis[api]?.name ?? "";
  return {
    api: name,
    operation,
    method,
    template,
    isPublic: access.public,
    clientCertificate: access.clientCertificate,
    rules: access.rules.map(ruleText),
    subscription: access.subscription,
    products: products.filter(({ apis: of }) => of.includes(name)).map((product) => product.name),
  };
}

function ruleText({ effect, condition }: AccessRule): string {
  return `${effect} ${condition.source}`;
}

function productOf({ name, subscription, apis, members, approvalRequired }: Product): ReachableProduct {
  return { name, subscription, apis, members: members === null ? null : members.map(memberText), approvalRequired };
}

function memberText(rule: RoleRule): string {
  return rule.kind === "group" ? `group ${rule.group}` : rule.condition.source;
}

function shown({ name, scope, owner, state, createdAt, endsAt }: SubscriptionRecord): ReachingSubscription {
  const ends = endsAt === null ? null : new Date(endsAt).toISOString();
  return { name, scope, owner, state, created: new Date(createdAt).toISOString(), ends };
}
