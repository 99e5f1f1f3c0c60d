import type { Api, Definition, Operation } from "#model/definition.ts";
import type { PolicyDocument, PolicyNode } from "#model/policy-tree.ts";
import type { Chain, ChainChoice, ScopedPolicy } from "#model/snapshot.ts";
import { layersOf, type Layer, resolveSection } from "./sections.ts";

/**
 * The chains of a definition, each once: operations with the same policies share one, so ten thousand plain
 * operations cost as much as one.
 */
export class ChainTable {
  readonly chains: Chain[] = [];
  readonly #definition: Definition;
  readonly #byPolicies: Map<string, number> = new Map();
  readonly #nodeIds: Map<PolicyNode, number> = new Map();
  readonly #plainChoices: Map<Api, readonly ChainChoice[]> = new Map();

  constructor(definition: Definition) {
    this.#definition = definition;
  }

  /** Chains of an operation: for no product first, then for each product that holds its API. */
  choose(api: Api, operation: Operation): readonly ChainChoice[] {
    if (!isEmpty(operation.policies)) return this.#choices(api, operation.policies);
    let choices = this.#plainChoices.get(api);
    if (choices === undefined) this.#plainChoices.set(api, (choices = this.#choices(api, {})));
    return choices;
  }

  /** Of requests that find no operation. */
  unrouted(): number {
    const { policies, errors } = this.#definition;
    if (errors !== "api-management" || (policies["on-error"] ?? []).length === 0) return -1;
    return this.#chain(layersOf(policies, null, {}, {}));
  }

  #choices(api: Api, operation: PolicyDocument): readonly ChainChoice[] {
    const choices: ChainChoice[] = [
      { product: -1, chain: this.#chain(layersOf(this.#definition.policies, null, api.policies, operation)) },
    ];
    for (const [index, product] of this.#definition.products.entries()) {
      if (!product.apis.includes(api.name)) continue;
      choices.push({
        product: index,
        chain: this.#chain(layersOf(this.#definition.policies, product.policies, api.policies, operation)),
      });
    }
    return choices;
  }

  #chain(layers: readonly Layer[]): number {
    const chain: Chain = {
      inbound: resolveSection(layers, "inbound"),
      backend: resolveSection(layers, "backend"),
      outbound: resolveSection(layers, "outbound"),
      onError: resolveSection(layers, "on-error"),
    };
    const key = [chain.inbound, chain.backend, chain.outbound, chain.onError].map((part) => this.#key(part)).join("|");
    let index = this.#byPolicies.get(key);
    if (index === undefined) this.#byPolicies.set(key, (index = this.chains.push(chain) - 1));
    return index;
  }

  /** By the nodes' identity, not their content: two alike at different places keep their places in the record. */
  #key(policies: readonly ScopedPolicy[]): string {
    return policies.map(({ scope, node }) => `${scope}${this.#idOf(node)}`).join();
  }

  #idOf(node: PolicyNode): number {
    let id = this.#nodeIds.get(node);
    if (id === undefined) this.#nodeIds.set(node, (id = this.#nodeIds.size));
    return id;
  }
}

function isEmpty(document: PolicyDocument): boolean {
  return Object.values(document).every((policies) => policies === undefined);
}
