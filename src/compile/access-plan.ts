import type { Access, Api, Operation, Product } from "#model/definition.ts";
import type { AccessPlan } from "#model/snapshot.ts";
import { invalid } from "./invalid.ts";

/**
 * The plans of one API's operations. Those that say nothing themselves share one: ten thousand of them are then linked
 * once.
 */
export class AccessPlans {
  readonly #api: Api;
  readonly #products: readonly Product[];
  #shared: AccessPlan | undefined;

  constructor(api: Api, products: readonly Product[]) {
    this.#api = api;
    this.#products = products;
  }

  /** @throws GatewayError `definition-invalid` when nobody says who may call it */
  of(operation: Operation): AccessPlan {
    if (operation.access.kind !== "unsaid" || operation.clientCertificate !== null) {
      return planAccess(this.#api, operation, this.#products);
    }
    return (this.#shared ??= planAccess(this.#api, operation, this.#products));
  }
}

/**
 * Who may call an operation: what it says itself, else what its API says, else its products.
 * @throws GatewayError `definition-invalid` when nobody says: an open door is always a written one.
 */
function planAccess(api: Api, operation: Operation, products: readonly Product[]): AccessPlan {
  const access: Access = operation.access.kind === "unsaid" ? api.access : operation.access;
  const subscription = subscriptionOf(products);
  if (access.kind === "unsaid" && subscription === "none") {
    throw invalid(`operation ${api.name}/${operation.name} does not say who may call it`);
  }
  const rules = access.kind === "rules" ? access.rules : [];
  if (access.kind === "rules" && rules.length === 0) {
    throw invalid(`operation ${api.name}/${operation.name} has an empty list of access rules`);
  }
  const clientCertificate = operation.clientCertificate ?? api.clientCertificate;
  return { clientCertificate, public: access.kind === "public", rules, subscription };
}

/** Over all products that hold the API: one that takes keys and one that takes identities make `either`. */
function subscriptionOf(products: readonly Product[]): AccessPlan["subscription"] {
  const kinds = new Set(products.map((product) => product.subscription));
  if (kinds.size === 0) return "none";
  if (kinds.has("open")) return "open";
  const [only] = kinds;
  return kinds.size === 1 && only !== undefined ? only : "either";
}
