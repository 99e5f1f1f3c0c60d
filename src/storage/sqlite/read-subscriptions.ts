import { existsSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import type { SubscriptionRecord } from "#storage/interfaces.ts";
import { translated } from "./sqlite-errors.ts";
import { SubscriptionRows } from "./subscription-rows.ts";

const page = 1000;

/**
 * All subscriptions of a store that a gateway may be writing; none where there is no store.
 * @throws GatewayError `store-unavailable`, `store-corrupt`
 */
export function readSubscriptions(path: string): readonly SubscriptionRecord[] {
  if (!existsSync(path)) return [];
  return translated(() => {
    const database = new DatabaseSync(path, { readOnly: true });
    try {
      const rows = new SubscriptionRows(database);
      const all: SubscriptionRecord[] = [];
      for (let after = ""; ;) {
        const more = rows.page(after, page);
        all.push(...more);
        after = more.at(-1)?.name ?? "";
        if (more.length < page) return all;
      }
    } finally {
      database.close();
    }
  });
}
