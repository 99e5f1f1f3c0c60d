import type { SubscriptionScope } from "#model/definition.ts";
import { GatewayError } from "#model/errors.ts";
import type { Clock, Random } from "#model/ports.ts";
import type {
  Async,
  KeyChanges,
  KeySlot,
  PageRequest,
  StateChange,
  SubscriptionRecord,
  SubscriptionStore,
  UserRecord,
} from "#storage/interfaces.ts";
import { generateKey, type KeyHasher } from "./keys.ts";
import { scopeText } from "./scope-text.ts";

export interface SubscriptionDependencies {
  readonly store: Async<SubscriptionStore>;
  readonly hasher: KeyHasher;
  readonly random: Random;
  readonly clock: Pick<Clock, "now">;
  /** Null: it is not in the definition, and a key for it would silently open nothing. */
  readonly offerOf: (scope: SubscriptionScope) => Offer | null;
  /** Null: there is none. */
  readonly userOf: (id: string) => Promise<Pick<UserRecord, "id" | "state" | "groups"> | null>;
  /** Called once a change is durable, so that the key index follows. */
  readonly onKeys: (changes: KeyChanges) => void;
  /** Something may end earlier than anything before. */
  readonly onEnd: () => void;
}

/** On which terms something can be subscribed to. */
export interface Offer {
  readonly approvalRequired: boolean;
  /** Of one user, at a time; null: any number. */
  readonly subscriptionsLimit: number | null;
  /** Groups whose members may subscribe; null: whoever is registered. */
  readonly groups: readonly string[] | null;
  /** Users may subscribe. */
  readonly isPublished: boolean;
}

export interface NewSubscriptionRequest {
  /** 1 to 128 letters, digits, `.`, `_`, `-`; starts with a letter or digit. */
  readonly name: string;
  readonly scope: SubscriptionScope;
  readonly displayName?: string | null;
  /** Id of a user. */
  readonly owner?: string | null;
  /** Milliseconds since the epoch. */
  readonly endsAt?: number | null;
}

/** The keys are shown here once, and stored nowhere. */
export interface IssuedSubscription {
  readonly subscription: SubscriptionRecord;
  readonly primaryKey: string;
  readonly secondaryKey: string;
}

export type SubscriptionStep = "approve" | "reject" | "suspend" | "activate" | "cancel";

/** What may become of a subscription by somebody's decision. Nothing leads out of `rejected` and `cancelled`. */
export const steps: Readonly<Record<SubscriptionStep, Pick<StateChange, "to" | "from">>> = {
  approve: { to: "active", from: ["submitted"] },
  reject: { to: "rejected", from: ["submitted"] },
  suspend: { to: "suspended", from: ["active", "suspended"] },
  activate: { to: "active", from: ["suspended", "active"] },
  cancel: { to: "cancelled", from: ["submitted", "active", "suspended"] },
};

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

  /** Active at once, or `submitted` where the product asks for approval: its keys are good from then on. */
  async create(request: NewSubscriptionRequest): Promise<IssuedSubscription> {
    const { store, hasher, random, clock } = this.#deps;
    const { name, scope, owner = null, displayName = null, endsAt = null } = request;
    if (!validName.test(name))
      throw malformed(400, "a subscription's name has 1 to 128 letters, digits, '.', '_', '-'");
    const offer = this.#deps.offerOf(scope);
    if (offer === null) throw malformed(400, `there is no ${scopeText(scope)}`);
    const now = Math.floor(clock.now());
    if (endsAt !== null && endsAt <= now) throw malformed(400, "the subscription would have ended already");
    if (owner !== null) checkOwner(await this.#deps.userOf(owner), owner, scope, offer);
    const [primaryKey, secondaryKey] = [generateKey(random), generateKey(random)];
    const rest = {
      scope: scopeText(scope),
      state: offer.approvalRequired ? "submitted" : "active",
      source: "created",
      createdAt: now,
      displayName,
      owner,
      startedAt: offer.approvalRequired ? null : now,
      endsAt,
    } as const;
    const digests = { primaryDigest: hasher.digest(primaryKey), secondaryDigest: hasher.digest(secondaryKey) };
    this.#deps.onKeys(await store.create({ name, ...rest, ...digests }, offer.subscriptionsLimit));
    if (endsAt !== null) this.#deps.onEnd();
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

  /** Takes one step of {@link steps}. */
  take(name: string, step: SubscriptionStep): Promise<void> {
    return this.#change(name, { ...steps[step], at: this.#deps.clock.now() });
  }

  /** It ends then; one that has expired is active again. @param endsAt milliseconds since the epoch */
  async extend(name: string, endsAt: number): Promise<void> {
    const at = this.#deps.clock.now();
    if (endsAt <= at) throw malformed(400, "the new end is in the past");
    const { state } = await this.get(name);
    const to = state === "suspended" ? "suspended" : "active";
    // One that was suspended meanwhile must not become active by this.
    await this.#change(name, { to, from: to === "active" ? ["active", "expired"] : ["suspended"], at, endsAt });
    this.#deps.onEnd();
  }

  /** The old key of the slot stops working at once; move clients to the other one first. @returns the new key */
  async regenerateKey(name: string, slot: KeySlot): Promise<string> {
    await this.#assertChangeable(name);
    const key = generateKey(this.#deps.random);
    const digest = this.#deps.hasher.digest(key);
    this.#follow(name, await this.#deps.store.replaceKey(name, slot, digest, Math.floor(this.#deps.clock.now())));
    return key;
  }

  async remove(name: string): Promise<void> {
    await this.#assertChangeable(name);
    this.#follow(name, await this.#deps.store.remove(name));
  }

  async #change(name: string, change: StateChange): Promise<void> {
    await this.#assertChangeable(name);
    this.#follow(name, await this.#deps.store.setState(name, change));
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

/** Administrators see every product; all others those of their groups. */
function checkOwner(
  user: Pick<UserRecord, "state" | "groups"> | null,
  owner: string,
  scope: SubscriptionScope,
  { groups, isPublished }: Offer,
): void {
  if (user === null) throw malformed(400, `there is no user ${owner}`);
  if (user.state !== "active") throw malformed(400, `the user ${owner} is ${user.state}`);
  if (user.groups.includes("administrators")) return;
  if (!isPublished) throw malformed(400, `${scopeText(scope)} is not published: no user may subscribe to it`);
  if (groups === null || groups.some((group) => user.groups.includes(group))) return;
  const whose = groups.length === 0 ? "no group" : groups.join(", ");
  throw malformed(400, `${scopeText(scope)} is for ${whose}, and ${owner} is in ${user.groups.join(", ") || "none"}`);
}

function missing(name: string): GatewayError {
  return malformed(404, `there is no subscription ${name}`);
}

function malformed(status: number, message: string): GatewayError {
  return new GatewayError("client-malformed", status, message, { source: "client", expose: true });
}
