import type { SubscriptionScope } from "#model/definition.ts";
import { GatewayError } from "#model/errors.ts";
import type { Clock, Random } from "#model/ports.ts";
import type {
  Async,
  KeyChanges,
  KeySlot,
  PageRequest,
  SubscriptionRecord,
  SubscriptionState,
  SubscriptionStore,
} from "#storage/interfaces.ts";
import { generateKey, type KeyHasher } from "./keys.ts";
import { scopeText } from "./scope-text.ts";

export interface SubscriptionDependencies {
  readonly store: Async<SubscriptionStore>;
  readonly hasher: KeyHasher;
  readonly random: Random;
  readonly clock: Pick<Clock, "now">;
  /** The product or API is in the definition: a key for one that is not would silently open nothing. */
  readonly scopeExists: (scope: SubscriptionScope) => boolean;
  /** Called once a change is durable, so that the key index follows. */
  readonly onKeys: (changes: KeyChanges) => void;
}

export interface NewSubscriptionRequest {
  /** 1 to 128 letters, digits, `.`, `_`, `-`; starts with a letter or digit. */
  readonly name: string;
  readonly scope: SubscriptionScope;
}

/** The keys are shown here once, and stored nowhere. */
export interface IssuedSubscription {
  readonly subscription: SubscriptionRecord;
  readonly primaryKey: string;
  readonly secondaryKey: string;
}

const validName = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;

/**
 * What can be done with subscriptions while the gateway runs. Those of the definition are listed and not changed here:
 * the next reload would undo it, and a suspended key would open again.
 *
 * All methods reject with GatewayError: `client-malformed` (400 for what cannot be asked, 404 for no such subscription;
 * may be shown), `store-conflict`, `store-unavailable`, `store-corrupt`.
 */
export class Subscriptions {
  readonly #deps: SubscriptionDependencies;

  constructor(dependencies: SubscriptionDependencies) {
    this.#deps = dependencies;
  }

  async create({ name, scope }: NewSubscriptionRequest): Promise<IssuedSubscription> {
    const { store, hasher, random, clock } = this.#deps;
    if (!validName.test(name))
      throw malformed(400, "a subscription's name has 1 to 128 letters, digits, '.', '_', '-'");
    if (!this.#deps.scopeExists(scope)) throw malformed(400, `there is no ${scopeText(scope)}`);
    const [primaryKey, secondaryKey] = [generateKey(random), generateKey(random)];
    const rest = {
      scope: scopeText(scope),
      state: "active",
      source: "created",
      createdAt: Math.floor(clock.now()),
    } as const;
    const digests = { primaryDigest: hasher.digest(primaryKey), secondaryDigest: hasher.digest(secondaryKey) };
    this.#deps.onKeys(await store.create({ name, ...rest, ...digests }));
    return { subscription: { name, ...rest, hasSecondaryKey: true }, primaryKey, secondaryKey };
  }

  list(page: PageRequest<string>): Promise<readonly SubscriptionRecord[]> {
    return this.#deps.store.list(page);
  }

  async get(name: string): Promise<SubscriptionRecord> {
    const found = await this.#deps.store.get(name);
    if (found === null) throw missing(name);
    return found;
  }

  suspend(name: string): Promise<void> {
    return this.#setState(name, "suspended");
  }

  activate(name: string): Promise<void> {
    return this.#setState(name, "active");
  }

  /** The old key of the slot stops working at once; move clients to the other one first. @returns the new key */
  async regenerateKey(name: string, slot: KeySlot): Promise<string> {
    await this.#assertChangeable(name);
    const key = generateKey(this.#deps.random);
    this.#follow(name, await this.#deps.store.replaceKey(name, slot, this.#deps.hasher.digest(key)));
    return key;
  }

  async remove(name: string): Promise<void> {
    await this.#assertChangeable(name);
    this.#follow(name, await this.#deps.store.remove(name));
  }

  async #setState(name: string, state: SubscriptionState): Promise<void> {
    await this.#assertChangeable(name);
    this.#follow(name, await this.#deps.store.setState(name, state));
  }

  async #assertChangeable(name: string): Promise<void> {
    if ((await this.get(name)).source === "created") return;
    const message = `subscription ${name} stands in the definition: change it there`;
    throw new GatewayError("store-conflict", 409, message, { source: "client", expose: true });
  }

  #follow(name: string, changes: KeyChanges | null): void {
    if (changes === null) throw missing(name);
    this.#deps.onKeys(changes);
  }
}

function missing(name: string): GatewayError {
  return malformed(404, `there is no subscription ${name}`);
}

function malformed(status: number, message: string): GatewayError {
  return new GatewayError("client-malformed", status, message, { source: "client", expose: true });
}
