import { randomBytes } from "node:crypto";
import { openDataDirectory } from "#app/data-directory.ts";
import { takeKekSource } from "#app/seal/kek-source.ts";
import { openSecrets } from "#app/seal/open-secrets.ts";
import { createKeyHasher } from "#products/keys.ts";
import { KeyRows } from "#storage/sqlite/key-rows.ts";
import { migrate } from "#storage/sqlite/migrations.ts";
import { openDatabase } from "#storage/sqlite/open-database.ts";
import { SubscriptionRows } from "#storage/sqlite/subscription-rows.ts";
import { transaction } from "#storage/sqlite/transaction.ts";
import { manyKeys } from "./scale.ts";

const inTransaction = 50_000;

/**
 * Puts subscriptions with a key each into the data folder of a gateway that is to start: by the gateway itself, one
 * durable transaction each, a million would take an hour.
 * @param home where the key-encryption key is, as XDG_CONFIG_HOME says it
 */
export async function fillKeys(dataPath: string, home: string, count: number): Promise<void> {
  const { path, storePath, unlock } = openDataDirectory(dataPath);
  try {
    const { pepper } = await openSecrets(path, {
      kek: takeKekSource(undefined, { XDG_CONFIG_HOME: home }),
      mayMake: true,
      clock: { now: () => Date.now() },
      random: { bytes: randomBytes },
      log: { info: () => {}, warn: () => {}, error: () => {} },
    });
    put(storePath, createKeyHasher(pepper).digest, count);
  } finally {
    unlock();
  }
}

function put(storePath: string, digest: (key: string) => Uint8Array, count: number): void {
  const database = openDatabase(storePath);
  try {
    migrate(database);
    const [subscriptions, keys] = [new SubscriptionRows(database), new KeyRows(database)];
    const rest = { scope: "product:many", state: "active", source: "created", secondaryDigest: null } as const;
    const createdAt = Date.now();
    for (let from = 0; from < count; from += inTransaction) {
      transaction(database, () => {
        for (let at = from; at < Math.min(count, from + inTransaction); at += 1) {
          const primaryDigest = digest(manyKeys.replace("{n}", String(at)));
          const subscription = { name: `many-${at}`, primaryDigest, createdAt, startedAt: createdAt, ...rest };
          subscriptions.insert(subscription);
          keys.insertAll(subscription);
        }
      });
    }
  } finally {
    database.close();
  }
}
