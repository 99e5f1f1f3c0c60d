import type { DatabaseSync, SQLOutputValue, StatementSync } from "node:sqlite";
import { GatewayError } from "#model/errors.ts";
import { assertPage } from "#storage/checks.ts";
import type {
  GroupMoves,
  GroupRecord,
  KeyChanges,
  PageRequest,
  StateWord,
  UserIdentity,
  UserNames,
  UserRecord,
  UserState,
  UserStore,
} from "#storage/interfaces.ts";
import { byOperator, byProvider } from "#storage/user-blocks.ts";
import { KeyRows } from "./key-rows.ts";
import { translated } from "./sqlite-errors.ts";
import { transaction } from "./transaction.ts";

const columns = `id, email, first_name, last_name, state, note, identities, registered_at, withdrawn_by, (
  SELECT json_group_array(member_of) FROM (
    SELECT member_of FROM group_members m WHERE m.user = id ORDER BY member_of)) AS groups`;

export class SqliteUserStore implements UserStore {
  readonly #database: DatabaseSync;
  readonly #keys: KeyRows;
  readonly #insert: StatementSync;
  readonly #update: StatementSync;
  readonly #setState: StatementSync;
  readonly #rename: StatementSync;
  readonly #leaveOne: StatementSync;
  readonly #delete: StatementSync;
  readonly #get: StatementSync;
  readonly #page: StatementSync;
  readonly #leave: StatementSync;
  readonly #join: StatementSync;
  readonly #owned: StatementSync;
  readonly #holder: StatementSync;
  readonly #members: StatementSync;
  readonly #addIdentity: StatementSync;
  readonly #dropIdentities: StatementSync;
  readonly #putGroup: StatementSync;
  readonly #group: StatementSync;
  readonly #groups: StatementSync;
  readonly #deleteGroup: StatementSync;

  constructor(database: DatabaseSync) {
    const prepare = (sql: string): StatementSync => database.prepare(sql);
    this.#database = database;
    this.#keys = new KeyRows(database);
    this.#insert = prepare(
      `INSERT INTO users (id, email, first_name, last_name, state, note, identities, registered_at, withdrawn_by)
       VALUES ($id, $email, $first, $last, $state, $note, $identities, $registered, $withdrawn)`,
    );
    this.#update = prepare(
      `UPDATE users SET email = $email, first_name = $first, last_name = $last, state = $state, note = $note,
         identities = $identities, registered_at = $registered, withdrawn_by = $withdrawn WHERE id = $id`,
    );
    this.#setState = prepare("UPDATE users SET state = ?, withdrawn_by = ? WHERE id = ?");
    this.#rename = prepare("UPDATE users SET email = ?, first_name = ?, last_name = ? WHERE id = ?");
    this.#leaveOne = prepare("DELETE FROM group_members WHERE user = ? AND member_of = ?");
    this.#delete = prepare("DELETE FROM users WHERE id = ?");
    this.#get = prepare(`SELECT ${columns} FROM users WHERE id = ?`);
    this.#page = prepare(`SELECT ${columns} FROM users WHERE id > ? ORDER BY id LIMIT ?`);
    this.#leave = prepare("DELETE FROM group_members WHERE user = ?");
    this.#join = prepare("INSERT OR IGNORE INTO group_members (user, member_of) VALUES (?, ?)");
    this.#owned = prepare("SELECT name FROM subscriptions WHERE owner = ? LIMIT 1");
    this.#members = prepare("SELECT user FROM group_members WHERE member_of = ? AND user > ? ORDER BY user LIMIT ?");
    this.#holder = prepare("SELECT user FROM user_identities WHERE provider = ? AND subject = ?");
    this.#addIdentity = prepare("INSERT INTO user_identities VALUES (?, ?, ?)");
    this.#dropIdentities = prepare("DELETE FROM user_identities WHERE user = ?");
    this.#putGroup = prepare(
      `INSERT INTO user_groups VALUES (?, ?, ?, 0)
       ON CONFLICT (name) DO UPDATE SET display_name = excluded.display_name, description = excluded.description`,
    );
    this.#group = prepare("SELECT * FROM user_groups WHERE name = ?");
    this.#groups = prepare("SELECT * FROM user_groups ORDER BY name");
    this.#deleteGroup = prepare("DELETE FROM user_groups WHERE name = ?");
  }

  put(user: UserRecord, isNew: boolean, word: StateWord = "operator"): KeyChanges {
    return transaction(this.#database, () => {
      const { id } = user;
      const before = isNew ? undefined : this.#get.get(id);
      const statement = before === undefined ? this.#insert : this.#update;
      const { state, withdrawnBy = [] } = before === undefined ? user : stateOf(user, toUser(before), word);
      statement.run({
        $id: id,
        $email: user.email,
        $first: user.firstName,
        $last: user.lastName,
        $state: state,
        $note: user.note,
        $identities: JSON.stringify(user.identities),
        $registered: Math.floor(user.registeredAt),
        $withdrawn: JSON.stringify(withdrawnBy),
      });
      this.#dropIdentities.run(id);
      for (const identity of user.identities) this.#claim(id, identity);
      if (before === undefined || word === "operator") this.#regroup(id, user.groups);
      return { removed: [], set: this.#keys.ofOwner(id) };
    });
  }

  #regroup(id: string, groups: readonly string[]): void {
    this.#leave.run(id);
    for (const group of groups) this.#joinGroup(id, group);
  }

  #joinGroup(id: string, group: string): void {
    if (this.#group.get(group) === undefined) throw conflict(`there is no group ${group}`);
    this.#join.run(id, group);
  }

  rename(id: string, { email, firstName, lastName }: UserNames): boolean {
    return transaction(this.#database, () => Number(this.#rename.run(email, firstName, lastName, id).changes) > 0);
  }

  regroup(id: string, { join, leave }: GroupMoves): boolean {
    return transaction(this.#database, () => {
      if (this.#get.get(id) === undefined) return false;
      for (const group of leave) this.#leaveOne.run(id, group);
      for (const group of join) this.#joinGroup(id, group);
      return true;
    });
  }

  #claim(user: string, { provider, id }: UserIdentity): void {
    const holder = this.#holder.get(provider, id)?.["user"];
    if (holder !== undefined && holder !== user) throw conflict(`${String(holder)} is ${id} at ${provider} already`);
    if (holder === undefined) this.#addIdentity.run(provider, id, user);
  }

  byIdentity(provider: string, subject: string): UserRecord | null {
    const holder = translated(() => this.#holder.get(provider, subject)?.["user"]);
    return holder === undefined ? null : this.get(holder as string);
  }

  get(id: string): UserRecord | null {
    return translated(() => {
      const row = this.#get.get(id);
      return row === undefined ? null : toUser(row);
    });
  }

  list({ after, limit }: PageRequest<string>): readonly UserRecord[] {
    assertPage(limit);
    return translated(() => this.#page.all(after ?? "", limit).map(toUser));
  }

  setState(id: string, state: UserState): KeyChanges | null {
    return transaction(this.#database, () => {
      const row = this.#get.get(id);
      if (row === undefined) return null;
      const { state: now, withdrawnBy = [] } = byOperator(toUser(row), state);
      this.#setState.run(now, JSON.stringify(withdrawnBy), id);
      return { removed: [], set: this.#keys.ofOwner(id) };
    });
  }

  /** Without its user a blocked one's subscription would be nobody's, and open again. */
  remove(id: string): boolean {
    return transaction(this.#database, () => {
      const owned = this.#owned.get(id);
      if (owned !== undefined) throw conflict(`the subscription ${String(owned["name"])} belongs to ${id}`);
      return Number(this.#delete.run(id).changes) > 0;
    });
  }

  putGroup({ name, displayName, description }: Omit<GroupRecord, "isBuiltIn">): void {
    transaction(this.#database, () => this.#putGroup.run(name, displayName, description));
  }

  groups(): readonly GroupRecord[] {
    return translated(() => this.#groups.all().map(toGroup));
  }

  members(group: string, { after, limit }: PageRequest<string>): readonly string[] {
    assertPage(limit);
    return translated(() => this.#members.all(group, after ?? "", limit).map((row) => row["user"] as string));
  }

  removeGroup(name: string): boolean {
    return transaction(this.#database, () => {
      const row = this.#group.get(name);
      if (row !== undefined && toGroup(row).isBuiltIn) throw conflict(`${name} is always there`);
      return Number(this.#deleteGroup.run(name).changes) > 0;
    });
  }
}

function stateOf(user: UserRecord, before: UserRecord, word: StateWord): ReturnType<typeof byOperator> {
  return word === "operator" ? byOperator(before, user.state) : byProvider(before, word);
}

function toUser(row: Record<string, SQLOutputValue>): UserRecord {
  const withdrawnBy = JSON.parse(row["withdrawn_by"] as string) as readonly string[];
  return {
    id: row["id"] as string,
    email: row["email"] as string,
    firstName: row["first_name"] as string,
    lastName: row["last_name"] as string,
    state: row["state"] as UserState,
    note: row["note"] as string,
    identities: JSON.parse(row["identities"] as string) as readonly UserIdentity[],
    groups: JSON.parse(row["groups"] as string) as readonly string[],
    registeredAt: row["registered_at"] as number,
    ...(withdrawnBy.length === 0 ? {} : { withdrawnBy }),
  };
}

function toGroup(row: Record<string, SQLOutputValue>): GroupRecord {
  return {
    name: row["name"] as string,
    displayName: row["display_name"] as string,
    description: row["description"] as string,
    isBuiltIn: row["built_in"] === 1,
  };
}

function conflict(message: string): GatewayError {
  return new GatewayError("store-conflict", 409, message, { source: "store", expose: true });
}
