import type { Product, RoleRule, SubscriptionDeclaration, SubscriptionScope } from "#model/definition.ts";
import { Secret } from "#model/secret.ts";
import type { Problems } from "#notation/problems.ts";
import type { Resources } from "#config/resources.ts";
import type { Named } from "#config/shapes/record.ts";
import type { SecretSource } from "#config/shapes/secret.ts";
import type { ProductInput, SubscriptionInput } from "#config/table/product.ts";
import { buildRotation } from "./rotation.ts";

export function buildProducts(products: readonly Named<ProductInput>[], problems: Problems): readonly Product[] {
  reportOpen(products, problems);
  return products.map(({ name, at, value }) => ({
    name,
    displayName: value.displayName ?? name,
    apis: [...new Set(value.apis.map((api) => api.value))],
    subscription: value.subscription,
    members: membersOf(name, value, problems),
    approvalRequired: value.approvalRequired,
    subscriptionsLimit: value.subscriptionsLimit ?? null,
    groups: value.groups,
    isPublished: value.state === "published",
    ...buildRotation(value.rotation, problems),
    policies: value.policies,
    at,
  }));
}

/** Of a product that nobody enters by identity, they would be words without effect. */
function membersOf(
  name: string,
  { members, subscription }: ProductInput,
  problems: Problems,
): readonly RoleRule[] | null {
  if (members !== undefined && subscription !== "identity" && subscription !== "either") {
    const message = `the product ${name} has members, and is not entered by identity`;
    problems.error("product-members-unused", members.at, message, "write subscription: identity, or either");
  }
  return members?.value ?? null;
}

/** Whose policies run for a request without a key could not be told. */
function reportOpen(products: readonly Named<ProductInput>[], problems: Problems): void {
  const holders = new Map<string, string>();
  for (const { name, value } of products.filter((product) => product.value.subscription === "open")) {
    for (const api of value.apis) {
      const other = holders.get(api.value);
      if (other !== undefined && other !== name) {
        const message = `${api.value} is in two open products, ${other} and ${name}`;
        problems.error("product-open-twice", api.at, message, "take it out of one, or have one ask for a key");
      }
      holders.set(api.value, name);
    }
  }
}

export function buildSubscriptions(
  subscriptions: readonly Named<SubscriptionInput>[],
  resources: Resources,
  problems: Problems,
): readonly SubscriptionDeclaration[] {
  const seen = new Map<string, string>();
  return subscriptions.map((subscription) => {
    const { name, at, value } = subscription;
    const take = (source: SecretSource | undefined): Secret | null => checkKey(source, resources, name, seen, problems);
    const primaryKey = take(value.key) ?? new Secret("nowhere", "");
    return {
      name,
      scope: scopeOf(subscription, problems),
      primaryKey,
      secondaryKey: take(value.secondaryKey),
      state: value.state,
      displayName: value.displayName ?? null,
      owner: value.owner ?? null,
      endsAt: value.ends ?? null,
      ...buildRotation(value.rotation, problems),
      at,
    };
  });
}

function scopeOf({ name, at, value }: Named<SubscriptionInput>, problems: Problems): SubscriptionScope {
  const { product, api, all } = value;
  const given = [product, api, all?.value === true ? all : undefined].filter((one) => one !== undefined);
  if (given.length !== 1) {
    const message = `the subscription ${name} is for ${given.length === 0 ? "nothing" : "several things"}`;
    problems.error("value-invalid", given[1]?.at ?? at, message, "write one of product: …, api: … or all: true");
  }
  if (product !== undefined) return { kind: "product", product: product.value };
  return api === undefined ? { kind: "all" } : { kind: "api", api: api.value };
}

/** Keys travel in headers and are the whole proof: long enough not to be guessed, and each only once. */
function checkKey(
  source: SecretSource | undefined,
  { secrets }: Resources,
  name: string,
  seen: Map<string, string>,
  problems: Problems,
): Secret | null {
  const secret = source === undefined ? undefined : secrets.get(source);
  if (source === undefined || secret === undefined) return null;
  const key = secret.reveal();
  if (!/^[\x21-\x7e]{16,256}$/.test(key)) {
    const message = `the key of ${name} from ${secret.origin} ${keyProblem(key)}`;
    problems.error("subscription-key-invalid", source.at, message, "make one: openssl rand -hex 24");
  }
  const other = seen.get(key);
  if (other !== undefined) {
    const who = other === name ? `both keys of ${name} are` : `the keys of ${other} and ${name} are`;
    problems.error("subscription-key-shared", source.at, `${who} the same`, "give each its own key");
  }
  seen.set(key, name);
  return secret;
}

function keyProblem(key: string): string {
  if (key.length < 16) return "has less than 16 characters";
  return key.length > 256 ? "has more than 256 characters" : "holds characters that cannot stand in a header";
}
