import type { Async, KeyRow, SubscriptionStore } from "./interfaces.ts";

/** Visits all keys a page at a time, so that neither the visitor's thread nor the store's is held up for long. */
export async function forEachKey(
  store: Pick<Async<SubscriptionStore>, "keys">,
  visit: (row: KeyRow) => void,
  pageSize: number = 1000,
): Promise<void> {
  let after: Uint8Array | null = null;
  for (;;) {
    const page: readonly KeyRow[] = await store.keys({ after, limit: pageSize });
    for (const row of page) visit(row);
    const last = page.at(-1);
    if (last === undefined || page.length < pageSize) return;
    after = last.digest;
  }
}
