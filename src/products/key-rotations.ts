import { GatewayError } from "#model/errors.ts";
import type { OutboxMessage } from "#model/outbox.ts";
import type { Clock, Random } from "#model/ports.ts";
import type { Rotation } from "#model/rotation.ts";
import type { Async, KeyChanges, KeySlot, SubscriptionRecord, SubscriptionStore } from "#storage/interfaces.ts";
import type { HeldKey, KeyStore } from "#storage/key-store.ts";
import { type KeyNotice, noticeOf } from "./key-notice.ts";
import { generateKey, type KeyHasher, keyId } from "./keys.ts";
import { type RotationPlan, rotationOf } from "./rotation-plan.ts";

export interface KeyRotationDependencies {
  readonly store: Async<KeyStore>;
  readonly subscriptions: Pick<Async<SubscriptionStore>, "get">;
  readonly hasher: KeyHasher;
  readonly random: Random;
  readonly clock: Pick<Clock, "now">;
  readonly plan: () => RotationPlan;
  /** What people are to be sent of it. */
  readonly messages: (notice: KeyNotice) => Promise<readonly OutboxMessage[]>;
  /** Called once a change is durable, so that the key index follows. */
  readonly onKeys: (changes: KeyChanges) => void;
  /** An old key may end earlier than anything before, and there may be something to send. */
  readonly onOld: () => void;
}

export interface RotationRequest {
  /** Null: the older key's, of two that are as old the secondary; in an emergency both. */
  readonly slot: KeySlot | null;
  /** The old keys end at once. */
  readonly isEmergency: boolean;
  /** How long the old one goes on; null: as the schedule says, 14 days without one. */
  readonly graceMs: number | null;
}

/** Shown here once, and stored nowhere. */
export interface IssuedKey {
  readonly slot: KeySlot;
  readonly key: string;
  readonly id: string;
}

export interface RotatedKeys {
  readonly issued: readonly IssuedKey[];
  /** When the old ones end, in milliseconds since the epoch; null: they have. */
  readonly until: number | null;
  readonly notices: readonly KeyNotice[];
}

export interface KeyStatus {
  readonly subscription: SubscriptionRecord;
  /** Null: there is no schedule. */
  readonly rotation: Rotation | null;
  readonly keys: readonly HeldKey[];
}

const usualGraceMs = 14 * 86_400_000;

/** What people do with keys that follow one another. Errors as of `Subscriptions`. */
export class KeyRotations {
  readonly #deps: KeyRotationDependencies;

  constructor(dependencies: KeyRotationDependencies) {
    this.#deps = dependencies;
  }

  async status(name: string): Promise<KeyStatus> {
    const subscription = await this.#get(name);
    const rotation = rotationOf(this.#deps.plan(), name, subscription.scope) ?? null;
    return { subscription, rotation, keys: await this.#deps.store.of(name) };
  }

  /** Makes new keys. Their owners have the old ones until these end, and at no moment none. */
  async rotate(name: string, request: RotationRequest): Promise<RotatedKeys> {
    const { store, hasher, random, clock, messages, onKeys, onOld } = this.#deps;
    const { subscription, rotation, keys: held } = await this.status(name);
    if (subscription.source === "declared") throw declaredKeys(name);
    const at = Math.floor(clock.now());
    const slots = slotsOf(request, held);
    const graceMs = request.graceMs ?? rotation?.grace ?? usualGraceMs;
    const until = request.isEmergency || graceMs === 0 ? null : at + graceMs;
    const made = slots.map((slot) => ({ slot, key: generateKey(random) }));
    const keys = made.map(({ slot, key }) => ({ slot, digest: hasher.digest(key) }));
    const notices = keys.map(({ slot, digest }) => rotated(subscription, slot, digest, held, at, until));
    const toSend = (await Promise.all(notices.map(messages))).flat();
    const changes = await this.#surely(held, () => store.rotate(name, { keys, at, until, messages: toSend }));
    if (changes === null) throw missing(name);
    onKeys(changes);
    onOld();
    const removed = new Set(changes.removed.map(keyId));
    const why = request.isEmergency ? "emergency" : "asked";
    const ended = held.filter(({ digest }) => removed.has(keyId(digest)));
    return {
      issued: made.map((one, index) => ({ ...one, id: notices[index]?.key ?? "" })),
      until,
      notices: [...notices, ...ended.map((key) => noticeOf("ended", key, at, { why }))],
    };
  }

  /** Ends all old keys of a subscription, whoever made the new ones. */
  async endOld(name: string): Promise<readonly KeyNotice[]> {
    const { store, clock, onKeys } = this.#deps;
    const done = await this.#surely(await store.of(name), () => store.endOld(name));
    if (done === null) throw missing(name);
    onKeys(done.changes);
    return done.ended.map((key) => noticeOf("ended", key, clock.now(), { why: "asked" }));
  }

  /** Those that end next, first. */
  old(limit: number): Promise<readonly HeldKey[]> {
    return this.#deps.store.old(limit);
  }

  /**
   * A store whose answer is lost may have done what it was asked for. What it has ended is then refused all the same: the
   * index must not go on with a key because nobody was told of its end.
   */
  async #surely<T>(before: readonly HeldKey[], work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      const [first] = before;
      // Behind what was asked for, as the store takes calls in order. One that does not answer at all says the first error.
      const after = first && (await this.#deps.store.of(first.subscription).catch(() => undefined));
      const left = after && new Set(after.map(({ digest }) => keyId(digest)));
      const gone = before.filter(({ digest }) => left?.has(keyId(digest)) === false);
      if (gone.length > 0) this.#deps.onKeys({ removed: gone.map(({ digest }) => digest), set: [] });
      throw error;
    }
  }

  async #get(name: string): Promise<SubscriptionRecord> {
    const found = await this.#deps.subscriptions.get(name);
    if (found === null) throw missing(name);
    return found;
  }
}

function slotsOf({ slot, isEmergency }: RotationRequest, held: readonly HeldKey[]): readonly KeySlot[] {
  if (slot !== null) return [slot];
  if (isEmergency) return ["primary", "secondary"];
  const [secondary, primary] = (["secondary", "primary"] as const).map((one) =>
    held.find((key) => key.slot === one && key.old === null),
  );
  return [primary !== undefined && primary.madeAt < (secondary?.madeAt ?? Infinity) ? "primary" : "secondary"];
}

function rotated(
  { name, scope, owner }: SubscriptionRecord,
  slot: KeySlot,
  digest: Uint8Array,
  held: readonly HeldKey[],
  at: number,
  until: number | null,
): KeyNotice {
  const before = held.find((key) => key.slot === slot && key.old === null);
  const facts = { subscription: name, scope, owner, slot, key: keyId(digest) };
  return { step: "rotated", at, ...facts, before: before && keyId(before.digest), until: until ?? undefined };
}

function declaredKeys(name: string): GatewayError {
  const message = `subscription ${name} stands in the definition: change its key there; what it had goes on for the grace of its rotation, and keys end-old ends it at once`;
  return new GatewayError("store-conflict", 409, message, { source: "client", expose: true });
}

function missing(name: string): GatewayError {
  return new GatewayError("client-malformed", 404, `there is no subscription ${name}`, {
    source: "client",
    expose: true,
  });
}
