import type { SyncStore } from "#storage/interfaces.ts";
import { migrate } from "./migrations.ts";
import { openDatabase } from "./open-database.ts";
import { SqliteAccessStore } from "./access-store.ts";
import { SqliteKeyStore } from "./key-store.ts";
import { SqliteOutboxStore } from "./outbox-store.ts";
import { SqliteQuotaStore } from "./quota-store.ts";
import { SqliteRevocationStore } from "./revocation-store.ts";
import { SqliteScimStore } from "./scim-store.ts";
import { SqliteSessionStore } from "./session-store.ts";
import { SqliteSubscriptionStore } from "./subscription-store.ts";
import { SqliteUserStore } from "./user-store.ts";
import { translated } from "./sqlite-errors.ts";

/**
 * @param path a file in a folder that exists, or `:memory:`
 * @throws GatewayError `store-unavailable`, `store-corrupt`
 */
export function openSqliteStore(path: string): SyncStore {
  const database = openDatabase(path);
  try {
    migrate(database);
    return translated(() => ({
      subscriptions: new SqliteSubscriptionStore(database),
      keys: new SqliteKeyStore(database),
      users: new SqliteUserStore(database),
      access: new SqliteAccessStore(database),
      outbox: new SqliteOutboxStore(database),
      revocations: new SqliteRevocationStore(database),
      scim: new SqliteScimStore(database),
      quotas: new SqliteQuotaStore(database),
      sessions: new SqliteSessionStore(database),
      close: (): void => database.close(),
    }));
  } catch (error) {
    database.close();
    throw error;
  }
}
