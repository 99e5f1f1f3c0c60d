import { createKeyedDigest } from "#lib/keyed-digest.ts";
import { AnswerLinks } from "#products/answer-links.ts";
import { createKeyHasher, type KeyHasher } from "#products/keys.ts";
import { rotationPlan } from "#products/rotation-plan.ts";
import type { KeyChanges, Store } from "#storage/interfaces.ts";
import { openStore } from "#storage/storage-client.ts";
import { createEgress } from "#upstream/egress-fetch.ts";
import { type AccessKeeper, openAccess } from "#app/access/access-keeper.ts";
import { KeyKeeper } from "#app/keys/key-keeper.ts";
import { KeyPublisher } from "#app/key-publisher.ts";
import { KeyUsesKeeper } from "#app/key-uses.ts";
import { openPeople, type People } from "#app/people.ts";
import { keepQuotasPruned } from "#app/quota-pruning.ts";
import { reviewSoon } from "#app/review-soon.ts";
import { RevocationKeeper } from "#app/revocation-keeper.ts";
import { sayOnce } from "#app/say-once.ts";
import { Standing } from "#app/standing.ts";
import { watchSubscriptions } from "#app/subscription-expiry.ts";
import type { WorkerPool } from "#app/worker-pool.ts";
import type { Base } from "./base.ts";
import type { RecordParts } from "./record-parts.ts";

/** Who may call: users, keys, grants, and what was taken back. */
export interface PeopleParts {
  readonly store: Store;
  readonly hasher: KeyHasher;
  readonly keys: KeyPublisher;
  readonly revocations: RevocationKeeper;
  readonly people: People;
  readonly standing: Standing;
  readonly answerLinks: AnswerLinks;
  readonly expiry: ReturnType<typeof watchSubscriptions>;
  readonly access: AccessKeeper;
  readonly keyKeeper: KeyKeeper;
  /** Keys have changed: every worker is told, and what they let in is decided again. */
  readonly followKeys: (changes: KeyChanges) => void;
}

/** @throws GatewayError `store-unavailable`, `store-corrupt` */
export async function openPeopleParts(base: Base, record: RecordParts, pool: WorkerPool): Promise<PeopleParts> {
  const { undo, clock, log, data, inForce, secrets } = base;
  const { events } = record;
  const store = await openStore(data.storePath, {
    onLost: (error) => {
      log.error("the store is lost; the gateway stops", { error: error.message });
      base.broken.resolve();
    },
  });
  undo.defer(() => store.close());
  const pruning = keepQuotasPruned(store.quotas, clock, log);
  undo.defer(() => clearInterval(pruning));
  const hasher = createKeyHasher(secrets.pepper);
  const keys = new KeyPublisher({
    store,
    hasher,
    clock,
    log,
    publish: (handle) => pool.broadcast({ type: "keys", keys: handle }),
  });
  const revocations = await RevocationKeeper.open({
    store: store.revocations,
    clock,
    log,
    publish: (change) => pool.broadcast({ type: "revocation", change }),
  });
  undo.defer(() => revocations.close());
  const review = reviewSoon(() => pool.tell({ type: "review" }));
  const followKeys = (changes: KeyChanges): void => {
    keys.follow(changes);
    if (takesAway(changes)) review();
  };
  const people = await openPeople({
    store,
    clock,
    log,
    publish: (users) => pool.broadcast({ type: "users", users }),
    onKeys: followKeys,
    review,
    scimProviders: () => inForce.definition.scim,
    events,
  });
  const standing = new Standing({
    revocations: revocations.known,
    users: people.directory.reader,
    providers: () => inForce.definition.providers,
    onSeen: sayOnce(clock, (user) => people.provisioning.seen(user)),
  });
  const linkKey = createKeyedDigest(secrets.pepper)("answer links of access requests");
  const answerLinks = new AnswerLinks(createKeyedDigest(linkKey));
  const expiry = watchSubscriptions(store.subscriptions, clock, log, followKeys, events);
  const access = await openAccessParts(base, record, pool, { store, standing, links: answerLinks });
  const keyKeeper = openKeyKeeper(base, record, { store, hasher, access, followKeys });
  const keyUses = new KeyUsesKeeper({ uses: (since) => keys.uses(since), store: store.subscriptions, clock, log });
  undo.defer(() => keyUses.close());
  // Behind the workers' end, and before what its last metrics ask.
  undo.defer(() => record.telemetry.close());
  undo.defer(() => expiry.stop());
  await keys.load();
  await keys.declare(inForce.definition);
  await expiry.look();
  await keyKeeper.look();
  const parts = { store, hasher, keys, revocations, people, standing };
  return { ...parts, answerLinks, expiry, access, keyKeeper, followKeys };
}

async function openAccessParts(
  { undo, clock, random, log, metrics, newId, wheel, inForce }: Base,
  { events }: RecordParts,
  pool: WorkerPool,
  { store, standing, links }: { readonly store: Store; readonly standing: Standing; readonly links: AnswerLinks },
): Promise<AccessKeeper> {
  const { definition, ownAddresses } = inForce;
  const access = await openAccess({
    store: store.access,
    outbox: store.outbox,
    users: store.users,
    standing,
    approvals: definition.approvals,
    announcements: definition.announcements,
    announcer: {
      random,
      ownAddresses,
      egress: () => createEgress({ allow: [], ownAddresses: ownAddresses(), clock, wheel }),
    },
    links,
    publish: (grants) => pool.broadcast({ type: "grants", grants }),
    newId,
    metrics,
    events,
    clock,
    log,
  });
  undo.defer(() => access.stop());
  return access;
}

function openKeyKeeper(
  { undo, clock, random, log, newId, inForce }: Base,
  { events }: RecordParts,
  { store, hasher, access, followKeys }: Pick<PeopleParts, "store" | "hasher" | "access" | "followKeys">,
): KeyKeeper {
  const keyKeeper = new KeyKeeper({
    store,
    hasher,
    random,
    clock,
    log,
    events,
    plan: () => rotationPlan(inForce.definition),
    announcements: access.settings,
    outbox: access.outbox,
    newId,
    onKeys: followKeys,
  });
  undo.defer(() => keyKeeper.stop());
  return keyKeeper;
}

/** Streams that were let in by a key that is not good any more are to end. */
function takesAway({ removed, set }: KeyChanges): boolean {
  return removed.length > 0 || set.some(({ state }) => state !== "active");
}
