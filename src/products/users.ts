import { GatewayError } from "#model/errors.ts";
import type { Clock } from "#model/ports.ts";
import type {
  Async,
  GroupMoves,
  GroupRecord,
  KeyChanges,
  PageRequest,
  StateWord,
  UserRecord,
  UserState,
  UserStore,
} from "#storage/interfaces.ts";

export interface UserDependencies {
  readonly store: Async<UserStore>;
  readonly clock: Pick<Clock, "now">;
  /** Called once a change is durable, so that the key index follows. */
  readonly onKeys: (changes: KeyChanges) => void;
  /** What is known of a user has changed, or of all (null). Resolves when every worker knows. */
  readonly onUsers: (id: string | null) => Promise<void>;
}

/** What is not said is empty, `active`, in `developers`, and registered when it was first made. */
export interface UserRequest extends Partial<Omit<UserRecord, "id" | "email">> {
  readonly id: string;
  readonly email: string;
}

const validId = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;
const validEmail = /^[^\s@\p{Cc}]{1,64}@[^\s@\p{Cc}]{1,255}$/u;
const line = /^[^\p{Cc}]*$/u;

/**
 * People of an API Management service, or of one's own: whose subscriptions are, and what they may subscribe to.
 * All methods reject with GatewayError, as those of `Subscriptions` do.
 */
export class Users {
  readonly #deps: UserDependencies;

  constructor(dependencies: UserDependencies) {
    this.#deps = dependencies;
  }

  /** @param isNew it must not be there yet; else it becomes exactly this */
  async put(request: UserRequest, isNew: boolean, word: StateWord = "operator"): Promise<UserRecord> {
    const { store, clock, onKeys } = this.#deps;
    const before = isNew ? null : await store.get(request.id);
    const user: UserRecord = {
      firstName: "",
      lastName: "",
      state: "active",
      note: "",
      identities: [],
      groups: ["developers"],
      registeredAt: before?.registeredAt ?? Math.floor(clock.now()),
      ...request,
    };
    check(user);
    onKeys(await store.put(user, isNew, word));
    await this.#deps.onUsers(user.id);
    return this.get(user.id);
  }

  async get(id: string): Promise<UserRecord> {
    const found = await this.#deps.store.get(id);
    if (found === null) throw refused(404, `there is no user ${id}`);
    return found;
  }

  list(page: PageRequest<string>): Promise<readonly UserRecord[]> {
    return this.#deps.store.list(page);
  }

  /** A user who is not active is refused at once, with every key and every token; what lasts ends. */
  async setState(id: string, state: UserState): Promise<void> {
    const changes = await this.#deps.store.setState(id, state);
    if (changes === null) throw refused(404, `there is no user ${id}`);
    this.#deps.onKeys(changes);
    await this.#deps.onUsers(id);
  }

  /** Into groups and out of others; nothing where there is no such user. */
  async regroup(id: string, moves: GroupMoves): Promise<void> {
    if (await this.#deps.store.regroup(id, moves)) await this.#deps.onUsers(id);
  }

  async remove(id: string): Promise<void> {
    if (!(await this.#deps.store.remove(id))) throw refused(404, `there is no user ${id}`);
    await this.#deps.onUsers(id);
  }

  groups(): Promise<readonly GroupRecord[]> {
    return this.#deps.store.groups();
  }

  async putGroup(group: Omit<GroupRecord, "isBuiltIn">): Promise<void> {
    const { name, displayName, description } = group;
    if (!validId.test(name)) throw refused(400, "a group's name has 1 to 128 letters, digits, '.', '_', '-'");
    if (!isLine(displayName, 300) || !isLine(description, 1000)) throw refused(400, "the group's texts are too long");
    const before = (await this.#deps.store.groups()).find((one) => one.name === name);
    await this.#deps.store.putGroup(group);
    // A new one has no members whose groups would read otherwise.
    if (before !== undefined && before.displayName !== displayName) await this.#deps.onUsers(null);
  }

  async removeGroup(name: string): Promise<void> {
    if (!(await this.#deps.store.removeGroup(name))) throw refused(404, `there is no group ${name}`);
    await this.#deps.onUsers(null);
  }
}

function check({ id, email, firstName, lastName, note, identities, groups }: UserRecord): void {
  if (!validId.test(id)) throw refused(400, "a user's id has 1 to 128 letters, digits, '.', '_', '-'");
  if (!validEmail.test(email)) throw refused(400, "this is no e-mail address");
  if (!isLine(firstName, 100) || !isLine(lastName, 100)) throw refused(400, "a name has at most 100 characters");
  if (note.length > 4000) throw refused(400, "a note has at most 4,000 characters");
  const sound = identities.every(({ provider, id: own }) => isLine(provider, 200) && isLine(own, 500));
  if (!sound || identities.length > 20) throw refused(400, "a user has at most 20 identities of a provider and an id");
  if (groups.length > 200) throw refused(400, "a user is in at most 200 groups");
}

function isLine(text: string, longest: number): boolean {
  return text.length <= longest && line.test(text);
}

function refused(status: number, message: string): GatewayError {
  return new GatewayError("client-malformed", status, message, { source: "client", expose: true });
}
