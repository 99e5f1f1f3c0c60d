import type { Log } from "#model/ports.ts";
import type { Async, UserRecord, UserStore } from "#storage/interfaces.ts";
import type { SharedKeyIndex } from "#threads/key-index.ts";
import { UserDirectory, UserReader } from "#threads/user-directory.ts";

export interface UserPublisherOptions {
  readonly store: Pick<Async<UserStore>, "get" | "list" | "groups">;
  readonly log: Log;
  /** Gives a larger table to all workers; resolves when they use it. */
  readonly publish: (handle: SharedKeyIndex) => Promise<void>;
}

const pageSize = 500;

/** Users from the store into the workers' shared directory. Main is its only writer. */
export class UserPublisher {
  readonly #options: UserPublisherOptions;
  readonly #directory: UserDirectory;
  /** The same directory for main itself. */
  readonly reader: UserReader;

  constructor(options: UserPublisherOptions) {
    this.#options = options;
    this.#directory = new UserDirectory((handle) => void this.#swapped(handle));
    this.reader = new UserReader(this.#directory.handle);
  }

  get handle(): SharedKeyIndex {
    return this.#directory.handle;
  }

  /** All of them, page by page: at start, and when a group has changed. */
  async load(): Promise<void> {
    const { store } = this.#options;
    const names = await this.#groupNames();
    for (let after: string | null = null; ;) {
      const page: readonly UserRecord[] = await store.list({ after, limit: pageSize });
      for (const user of page) this.#put(user, names);
      const last = page.at(-1);
      if (last === undefined || page.length < pageSize) return;
      after = last.id;
    }
  }

  /** What the store now says of one: in all workers when this resolves. */
  async follow(id: string): Promise<void> {
    const user = this.#options.store.get(id);
    const [found, names] = await Promise.all([user, this.#groupNames()]);
    if (found === null) this.#directory.remove(id);
    else this.#put(found, names);
  }

  async #groupNames(): Promise<ReadonlyMap<string, string>> {
    const groups = await this.#options.store.groups();
    return new Map(groups.map(({ name, displayName }) => [name, displayName]));
  }

  #put(user: UserRecord, names: ReadonlyMap<string, string>): void {
    const { id, state, email, firstName, lastName, note, identities, registeredAt } = user;
    const groups = user.groups.map((group) => ({ id: group, name: names.get(group) ?? group }));
    this.#directory.put({ id, state, email, firstName, lastName, note, groups, identities, registeredAt });
  }

  async #swapped(handle: SharedKeyIndex): Promise<void> {
    this.reader.swap(handle);
    try {
      await this.#options.publish(handle);
      this.#directory.releaseOld();
    } catch (error) {
      this.#options.log.error("a worker did not take the new directory of users", { error: String(error) });
    }
  }
}
