import type { Clock, EventRecorder, Log } from "#model/ports.ts";
import type { ScimProvider } from "#model/scim.ts";
import { Provisioning } from "#products/provisioning.ts";
import { ScimGroups } from "#products/scim/scim-groups.ts";
import { ScimUsers } from "#products/scim/scim-users.ts";
import { Users } from "#products/users.ts";
import { createTurns } from "#lib/in-turn.ts";
import type { ScimPort } from "#site/scim/scim.ts";
import type { KeyChanges, Store } from "#storage/interfaces.ts";
import type { SharedKeyIndex } from "#threads/key-index.ts";
import { UserPublisher } from "./user-publisher.ts";

export interface PeopleOptions {
  readonly store: Pick<Store, "users" | "scim">;
  readonly clock: Clock;
  readonly log: Log;
  /** Gives a larger directory to all workers; resolves when they use it. */
  readonly publish: (handle: SharedKeyIndex) => Promise<void>;
  readonly onKeys: (changes: KeyChanges) => void;
  /** Somebody may not call any more: what lasts is decided again. */
  readonly review: () => void;
  readonly scimProviders: () => readonly ScimProvider[];
  readonly events: EventRecorder;
}

/** Users and groups, whoever makes them: an administrator, a login, a provider by SCIM. */
export interface People {
  readonly directory: UserPublisher;
  readonly users: Users;
  readonly provisioning: Provisioning;
  readonly scim: ScimPort;
}

/** The directory is loaded by the time this resolves. */
export async function openPeople(options: PeopleOptions): Promise<People> {
  const { store, clock, log, publish, onKeys, review, scimProviders, events } = options;
  const directory = new UserPublisher({ store: store.users, log, publish });
  await directory.load();
  const users = new Users({
    store: store.users,
    clock,
    onKeys,
    onUsers: async (id) => {
      await (id === null ? directory.load() : directory.follow(id));
      review();
    },
  });
  const provisioning = new Provisioning({
    store: store.users,
    clock,
    log,
    onUser: (id) => directory.follow(id),
    events,
  });
  const dependencies = { store: store.scim, directory: store.users, users, provisioning, clock };
  const scim: ScimPort = {
    providers: scimProviders,
    users: new ScimUsers(dependencies),
    groups: new ScimGroups(dependencies),
    inTurn: createTurns(),
    listInTurn: createTurns(),
  };
  return { directory, users, provisioning, scim };
}
