import type { DatabaseSync } from "node:sqlite";
import { GatewayError } from "#model/errors.ts";
import { transaction } from "./transaction.ts";

export interface Migration {
  /** Counts from 1, without a hole. A migration that was released is never changed. */
  readonly version: number;
  readonly sql: string;
}

export const migrations: readonly Migration[] = [
  {
    version: 1,
    sql: `
      CREATE TABLE subscriptions (
        name TEXT PRIMARY KEY,
        scope TEXT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('active', 'suspended')),
        source TEXT NOT NULL CHECK (source IN ('declared', 'created')),
        created_at INTEGER NOT NULL
      ) STRICT, WITHOUT ROWID;
      CREATE TABLE subscription_keys (
        digest BLOB PRIMARY KEY CHECK (length(digest) = 32),
        subscription TEXT NOT NULL REFERENCES subscriptions (name) ON DELETE CASCADE,
        slot TEXT NOT NULL CHECK (slot IN ('primary', 'secondary')),
        UNIQUE (subscription, slot)
      ) STRICT, WITHOUT ROWID;
      CREATE TABLE quota_leases (
        counter TEXT NOT NULL,
        window_start REAL NOT NULL,
        leased INTEGER NOT NULL CHECK (leased >= 0),
        PRIMARY KEY (counter, window_start)
      ) STRICT, WITHOUT ROWID;`,
  },
  {
    version: 2,
    // Null: without end, or from before this column.
    sql: "ALTER TABLE quota_leases ADD COLUMN window_end REAL;",
  },
  {
    version: 3,
    // A CHECK cannot be changed. Keys go first and by themselves: dropping their parent would take them along.
    sql: `
      CREATE TABLE new_subscriptions (
        name TEXT PRIMARY KEY,
        scope TEXT NOT NULL,
        state TEXT NOT NULL
          CHECK (state IN ('submitted', 'active', 'rejected', 'suspended', 'cancelled', 'expired')),
        source TEXT NOT NULL CHECK (source IN ('declared', 'created')),
        created_at INTEGER NOT NULL,
        display_name TEXT,
        owner TEXT,
        started_at INTEGER,
        ends_at INTEGER
      ) STRICT, WITHOUT ROWID;
      INSERT INTO new_subscriptions
        SELECT name, scope, state, source, created_at, NULL, NULL, created_at, NULL FROM subscriptions;
      CREATE TABLE new_keys (
        digest BLOB PRIMARY KEY CHECK (length(digest) = 32),
        subscription TEXT NOT NULL REFERENCES new_subscriptions (name) ON DELETE CASCADE,
        slot TEXT NOT NULL CHECK (slot IN ('primary', 'secondary')),
        UNIQUE (subscription, slot)
      ) STRICT, WITHOUT ROWID;
      INSERT INTO new_keys SELECT digest, subscription, slot FROM subscription_keys;
      DROP TABLE subscription_keys;
      DROP TABLE subscriptions;
      ALTER TABLE new_subscriptions RENAME TO subscriptions;
      ALTER TABLE new_keys RENAME TO subscription_keys;
      CREATE INDEX subscriptions_by_owner ON subscriptions (owner, scope) WHERE owner IS NOT NULL;
      CREATE INDEX subscriptions_by_end ON subscriptions (ends_at) WHERE ends_at IS NOT NULL;`,
  },
  {
    version: 4,
    sql: `
      CREATE TABLE users (
        id TEXT PRIMARY KEY,
        email TEXT NOT NULL COLLATE NOCASE UNIQUE,
        first_name TEXT NOT NULL,
        last_name TEXT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('active', 'blocked', 'pending')),
        note TEXT NOT NULL,
        identities TEXT NOT NULL,
        registered_at INTEGER NOT NULL
      ) STRICT, WITHOUT ROWID;
      CREATE TABLE user_groups (
        name TEXT PRIMARY KEY,
        display_name TEXT NOT NULL,
        description TEXT NOT NULL,
        built_in INTEGER NOT NULL
      ) STRICT, WITHOUT ROWID;
      INSERT INTO user_groups VALUES
        ('administrators', 'Administrators', 'They may subscribe to every product.', 1),
        ('developers', 'Developers', 'Whoever is registered, unless said otherwise.', 1),
        ('guests', 'Guests', 'Whoever is not registered.', 1);
      CREATE TABLE group_members (
        user TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
        member_of TEXT NOT NULL REFERENCES user_groups (name) ON DELETE CASCADE,
        PRIMARY KEY (user, member_of)
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX members_by_group ON group_members (member_of);`,
  },
  {
    version: 5,
    // Whose an identity is must be one user: who is blocked would otherwise go on as another.
    sql: `
      CREATE TABLE user_identities (
        provider TEXT NOT NULL,
        subject TEXT NOT NULL,
        user TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
        PRIMARY KEY (provider, subject)
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX identities_by_user ON user_identities (user);
      INSERT OR IGNORE INTO user_identities
        SELECT json_extract(each.value, '$.provider'), json_extract(each.value, '$.id'), users.id FROM users, json_each(users.identities) AS each;`,
  },
  {
    version: 6,
    sql: `
      CREATE TABLE access_requests (
        id TEXT PRIMARY KEY,
        approval TEXT NOT NULL,
        grantee TEXT NOT NULL,
        requester TEXT NOT NULL,
        reason TEXT NOT NULL,
        duration INTEGER NOT NULL,
        state TEXT NOT NULL
          CHECK (state IN ('pending', 'active', 'rejected', 'withdrawn', 'lapsed', 'expired', 'revoked')),
        break_glass INTEGER NOT NULL,
        created_at INTEGER NOT NULL,
        answer_by INTEGER NOT NULL,
        starts_at INTEGER,
        ends_at INTEGER
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX access_open ON access_requests (grantee, approval) WHERE state IN ('pending', 'active');
      CREATE INDEX access_by_grantee ON access_requests (grantee, id);
      CREATE TABLE access_steps (
        request TEXT NOT NULL REFERENCES access_requests (id) ON DELETE CASCADE,
        number INTEGER NOT NULL,
        step TEXT NOT NULL,
        actor TEXT,
        behalf_of TEXT,
        comment TEXT NOT NULL,
        rules TEXT NOT NULL,
        at INTEGER NOT NULL,
        PRIMARY KEY (request, number)
      ) STRICT, WITHOUT ROWID;
      CREATE TABLE access_delegations (
        id TEXT PRIMARY KEY,
        delegator TEXT NOT NULL,
        delegate TEXT NOT NULL,
        approval TEXT,
        starts_at INTEGER NOT NULL,
        ends_at INTEGER NOT NULL,
        created_at INTEGER NOT NULL
      ) STRICT, WITHOUT ROWID;`,
  },
  {
    version: 7,
    sql: `
      CREATE TABLE revocations (
        kind TEXT NOT NULL,
        id TEXT NOT NULL,
        until INTEGER,
        reason TEXT NOT NULL,
        revoked_at INTEGER NOT NULL,
        PRIMARY KEY (kind, id)
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX revocations_by_end ON revocations (until) WHERE until IS NOT NULL;`,
  },
  {
    version: 8,
    sql: `
      CREATE TABLE scim_records (
        provider TEXT NOT NULL,
        kind TEXT NOT NULL CHECK (kind IN ('user', 'group')),
        id TEXT NOT NULL,
        external_id TEXT,
        name TEXT NOT NULL COLLATE NOCASE,
        created_at INTEGER NOT NULL,
        modified_at INTEGER NOT NULL,
        PRIMARY KEY (provider, kind, id),
        UNIQUE (provider, kind, name)
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX scim_by_external_id ON scim_records (provider, kind, external_id);`,
  },
  {
    version: 9,
    sql: `
      CREATE TABLE access_used (name TEXT PRIMARY KEY, until INTEGER NOT NULL) STRICT, WITHOUT ROWID;
      CREATE INDEX access_used_by_end ON access_used (until);`,
  },
  {
    version: 10,
    sql: `
      CREATE TABLE sessions (
        digest BLOB PRIMARY KEY CHECK (length(digest) = 32),
        handle TEXT NOT NULL UNIQUE,
        provider TEXT NOT NULL,
        host TEXT NOT NULL,
        subject TEXT NOT NULL,
        provider_session TEXT,
        created_at INTEGER NOT NULL,
        seen_at INTEGER NOT NULL,
        ends_at INTEGER NOT NULL,
        sealed BLOB NOT NULL
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX sessions_by_subject ON sessions (provider, subject);
      CREATE INDEX sessions_by_session ON sessions (provider, provider_session) WHERE provider_session IS NOT NULL;
      CREATE INDEX sessions_by_end ON sessions (ends_at);
      CREATE INDEX sessions_by_use ON sessions (seen_at);`,
  },
  {
    version: 11,
    sql: "CREATE UNIQUE INDEX sessions_by_handle ON sessions (handle);",
  },
  {
    version: 12,
    sql: `ALTER TABLE users ADD COLUMN withdrawn_by TEXT NOT NULL DEFAULT '[]'`,
  },
  {
    version: 13,
    sql: `
      CREATE TABLE outbox (
        id TEXT PRIMARY KEY,
        channel TEXT NOT NULL CHECK (channel IN ('webhook', 'email')),
        receiver TEXT NOT NULL,
        request TEXT NOT NULL,
        body TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('waiting', 'dead')),
        tries INTEGER NOT NULL,
        due_at INTEGER NOT NULL,
        why TEXT NOT NULL
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX outbox_by_due ON outbox (due_at) WHERE state = 'waiting';`,
  },
  {
    version: 14,
    sql: `
      CREATE TABLE key_uses (
        digest BLOB PRIMARY KEY CHECK (length(digest) = 32),
        made_at INTEGER,
        watched_from INTEGER NOT NULL,
        used_at INTEGER
      ) STRICT, WITHOUT ROWID;
      INSERT INTO key_uses SELECT digest, NULL, CAST(unixepoch('subsec') * 1000 AS INTEGER), NULL FROM subscription_keys;`,
  },
  {
    version: 15,
    // Old keys go on beside those of the slots. What a message is about was always an access request until now.
    sql: `
      CREATE TABLE new_keys (
        digest BLOB PRIMARY KEY CHECK (length(digest) = 32),
        subscription TEXT NOT NULL REFERENCES subscriptions (name) ON DELETE CASCADE,
        slot TEXT NOT NULL CHECK (slot IN ('primary', 'secondary')),
        old_since INTEGER,
        old_until INTEGER
      ) STRICT, WITHOUT ROWID;
      INSERT INTO new_keys SELECT digest, subscription, slot, NULL, NULL FROM subscription_keys;
      DROP TABLE subscription_keys;
      ALTER TABLE new_keys RENAME TO subscription_keys;
      CREATE UNIQUE INDEX key_of_slot ON subscription_keys (subscription, slot) WHERE old_until IS NULL;
      CREATE INDEX keys_by_subscription ON subscription_keys (subscription);
      CREATE INDEX old_keys_by_end ON subscription_keys (old_until) WHERE old_until IS NOT NULL;
      ALTER TABLE key_uses ADD COLUMN told TEXT CHECK (told IN ('noticed', 'due', 'ending'));
      ALTER TABLE outbox RENAME COLUMN request TO subject;
      UPDATE outbox SET subject = 'access:' || subject;`,
  },
];

/**
 * Brings a database forward, each step in its own transaction; never back.
 * @throws GatewayError `store-unavailable` when the database is newer than this program: to go on would lose what the
 * newer one has put there.
 */
export function migrate(database: DatabaseSync, steps: readonly Migration[] = migrations): void {
  transaction(database, () => {
    database.exec(
      "CREATE TABLE IF NOT EXISTS schema_migrations (version INTEGER PRIMARY KEY, applied_at TEXT NOT NULL)",
    );
  });
  const known = steps.at(-1)?.version ?? 0;
  for (const step of steps) apply(database, step, known);
}

/** The version is read again under the lock: another process may be doing the same. */
function apply(database: DatabaseSync, step: Migration, known: number): void {
  transaction(database, () => {
    const current = schemaVersion(database);
    if (current > known) throw tooNew(current, known);
    if (current >= step.version) return;
    database.exec(step.sql);
    database.prepare("INSERT INTO schema_migrations VALUES (?, datetime('now'))").run(step.version);
  });
}

function schemaVersion(database: DatabaseSync): number {
  const row = database.prepare("SELECT coalesce(max(version), 0) AS version FROM schema_migrations").get();
  return Number(row?.["version"]);
}

function tooNew(current: number, known: number): GatewayError {
  const message =
    `the database has schema ${current}, this program knows ${known}: ` +
    "start the newer program, or restore a backup from before it";
  return new GatewayError("store-unavailable", 503, message, { source: "store" });
}
